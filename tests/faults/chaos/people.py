"""What people do: each thread asks for one thing after the other, and the right ones decide."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.faults.chaos.talks import Post, Talk

Kind = Literal["approved", "corrected", "doubled", "rejected", "cancelled"]
_KINDS: Mapping[Kind, int] = {
    "approved": 50, "corrected": 15, "doubled": 15, "rejected": 12, "cancelled": 8,
}  # fmt: skip
ENDS: Mapping[Kind, str] = {
    "approved": "succeeded", "corrected": "succeeded", "doubled": "succeeded",
    "rejected": "rejected", "cancelled": "cancelled",
}  # fmt: skip
_REGIONS = ("West Europe", "UK South", "North Europe", "France Central", "Japan East")
_FILLED: Mapping[str, Mapping[str, str]] = {"Reject": {"reason": "too early for that"}}
_LOOK_S = 0.3
_PRESS_AGAIN_S = 45.0
"""Somebody who was told that a click was taken wonders after that long."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One deployment that is asked for; `team` is in everything that is said about it."""

    team: str
    kind: Kind
    environment: str
    region: str
    asker: str
    decider: str

    @staticmethod
    def seeded(seed: int, number: int, place: int) -> "Wish":
        """`place`: the how many-th of its thread."""
        chance = random.Random(f"{seed}/wish/{number}")
        kind = chance.choices(list(_KINDS), list(_KINDS.values()))[0]
        alone = kind in ("approved", "cancelled") and chance.random() < 0.6
        asker = chance.choice(("ana", "ben"))
        return Wish(
            f"t{number:03}", kind, "dev" if alone else "staging",
            _REGIONS[place % len(_REGIONS)], asker,
            asker if alone else chance.choice(("lena", "omar", "olga")),
        )  # fmt: skip

    @property
    def draft(self) -> str:
        return f"Storage account for team {self.team}, {self.environment}"

    @property
    def title(self) -> str:
        return f"Storage account for {self.team}, {self.environment}"


@dataclass(slots=True)
class Record:
    """What became of a wish, as people saw it."""

    wish: Wish
    talk: Talk
    ended: bool = False
    seconds: float = 0.0
    pressed: int = 0
    refused: int = 0
    """Clicks that were not taken, and pressed again."""
    stuck: str = ""
    doing: str = ""


class Visitor:
    """Those in one thread. Raises: TimeoutError - something was waited for too long."""

    def __init__(self, talk: Talk, patience_s: float) -> None:
        self._talk = talk
        self._patience_s = patience_s

    async def wants(self, wish: Wish) -> Record:
        record, began = Record(wish, self._talk), time.monotonic()
        try:
            async with asyncio.timeout(self._patience_s):
                await self._asked(record)
                await self._decided(record)
                record.doing = "waiting for the end"
                await self._until(lambda: self._has_ended(wish))
            record.ended = True
        except TimeoutError:
            record.stuck = f"{record.doing}: {self._shown(wish)}"
        record.seconds = time.monotonic() - began
        return record

    async def _asked(self, record: Record) -> None:
        wish = record.wish
        record.doing = "asking"
        said = f"storage for team {wish.team} in {wish.environment}, East US"
        await self._talk.says(wish.asker, said)
        if wish.kind == "corrected":  # before the answer is there: the order has to be kept
            await self._talk.says(wish.asker, f"make it {wish.region}")
            await self._until(lambda: wish.region in self._text(wish.draft))
        record.doing = "submitting"
        await self._pressed(record, wish.asker, wish.draft, "Looks good", self._is_submitted(wish))

    async def _decided(self, record: Record) -> None:
        wish = record.wish
        label = {"rejected": "Reject", "cancelled": "Cancel"}.get(wish.kind, "Approve")
        by = wish.asker if wish.kind == "cancelled" else wish.decider
        record.doing = f"pressing {label}"
        await self._until(lambda: "sign-off by" in self._text(wish.title))
        done = lambda: "sign-off by" not in self._text(wish.title)  # noqa: E731
        if wish.kind == "doubled":
            post = self._post(wish.title)
            assert post is not None
            twice = [self._talk.press(by, post, label, {}) for _ in range(2)]
            record.pressed += sum(await asyncio.gather(*twice))
        await self._pressed(record, by, wish.title, label, done)

    async def _pressed(
        self, record: Record, by: str, title: str, label: str, done: Callable[[], bool]
    ) -> None:
        """Press until what it does can be seen."""
        while not done():
            post = self._post(title)
            if post is None or not await self._talk.press(by, post, label, _FILLED.get(label, {})):
                record.refused += post is not None and label in _labels(post)
                await asyncio.sleep(1.0)
                continue
            record.pressed += 1
            try:
                async with asyncio.timeout(_PRESS_AGAIN_S):
                    await self._until(done)
            except TimeoutError:
                continue

    def _is_submitted(self, wish: Wish) -> Callable[[], bool]:
        return lambda: self._post(wish.title) is not None

    def _has_ended(self, wish: Wish) -> bool:
        post = self._post(wish.title)
        return post is not None and "Cancel" not in _labels(post)

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_S)

    def _post(self, title: str) -> Post | None:
        """The newest card with that title."""
        cards = [p for p in self._talk.posts() if p.reading.title == title]
        return cards[-1] if cards else None

    def _text(self, title: str) -> str:
        post = self._post(title)
        return post.text if post else ""

    def _shown(self, wish: Wish) -> str:
        return (self._text(wish.title) or self._text(wish.draft) or "nothing")[:200]


@dataclass(slots=True)
class Crowd:
    """All threads; `at_once` wishes are seen to at the same time."""

    seed: int
    talks: list[Talk]
    at_once: int
    patience_s: float
    records: list[Record] = field(default_factory=list)

    async def wants(self, deployments: int) -> None:
        turns = asyncio.Semaphore(self.at_once)
        numbers = [range(deployments)[n :: len(self.talks)] for n in range(len(self.talks))]

        async def thread(talk: Talk, mine: range) -> None:
            visitor = Visitor(talk, self.patience_s)
            for place, number in enumerate(mine):
                async with turns:
                    wish = Wish.seeded(self.seed, number, place)
                    self.records.append(await visitor.wants(wish))

        await asyncio.gather(*map(thread, self.talks, numbers))


def _labels(post: Post) -> set[str]:
    return {button.label for button in post.reading.buttons}
