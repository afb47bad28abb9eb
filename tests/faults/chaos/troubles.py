"""What goes wrong, one thing after the other at seeded moments, and when it did."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from bot.processes.supervised import Supervised
from tests.far.faults import Answers, Dropped, Slow
from tests.far.slack.far import SlackFarSide
from tests.far.teams.far import TeamsFarSide
from tests.faults.chaos.estate import Estate

DECK: Mapping[str, int] = {
    "worker killed": 8, "web replica killed": 8, "Temporal killed": 3,
    "worker frozen": 2, "web replica frozen": 2,
    "store away": 2, "store slow": 3, "store drops answers": 5, "store says 429": 3,
    "far side slow": 4, "far side gone": 4, "far side drops answers": 4, "far side says 429": 3,
    "clock jumps": 2,
}  # fmt: skip
"""How often each, in the full run."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How hard things are in this run."""

    deck: Mapping[str, int]
    pause_s: tuple[float, float]
    store_away_s: float
    store_slow_s: float
    frozen_s: float
    far_gone_s: float


FULL = Scale(DECK, (2.0, 8.0), store_away_s=30.0, store_slow_s=15.0, frozen_s=40.0, far_gone_s=15.0)
SHORT = Scale(
    dict.fromkeys(DECK, 1), (0.5, 1.5), store_away_s=5.0, store_slow_s=6.0, frozen_s=8.0,
    far_gone_s=3.0,
)  # fmt: skip
_STORE_TAKES_S = 1.5


@dataclass(frozen=True, slots=True)
class Trouble:
    """`whom`: a process by its id, a far side by its name, or nobody in particular."""

    kind: str
    whom: str
    began_s: float
    ended_s: float


@dataclass(slots=True)
class Troubles:
    there: Estate
    teams: TeamsFarSide
    slack: SlackFarSide
    seed: int
    scale: Scale
    had: list[Trouble] = field(default_factory=list)
    began_s: float = field(default_factory=time.time)

    async def make(self) -> None:
        """All of the deck, in a seeded order; one ends before the next begins, but for what a
        killed process needs to come back."""
        chance = random.Random(f"{self.seed}/troubles")
        kinds = [kind for kind, times in self.scale.deck.items() for _ in range(times)]
        chance.shuffle(kinds)
        doing = self._doing(chance)
        for kind in kinds:
            await asyncio.sleep(chance.uniform(*self.scale.pause_s))
            began = time.time()
            whom = await doing[kind]() or ""
            self.had.append(Trouble(kind, whom, began, time.time()))
            print(f"{time.time() - self.began_s:6.1f} s  {kind} {whom}", flush=True)

    def counted(self) -> Counter[str]:
        return Counter(trouble.kind for trouble in self.had)

    async def end(self) -> None:
        """What waits for a request to strike does not any more."""
        self.teams.faults.clear()
        self.slack.faults.clear()
        await self.there.clear_store()

    def _doing(self, chance: random.Random) -> Mapping[str, Callable[[], Awaitable[str | None]]]:
        """Each says whom it struck."""
        there, scale = self.there, self.scale
        far = lambda: chance.choice(self._fars())  # noqa: E731
        return {
            "worker killed": lambda: _kill(chance.choice(there.workers)),
            "web replica killed": lambda: _kill(chance.choice(there.webs)),
            "Temporal killed": lambda: _kill(there.temporal),
            "worker frozen": lambda: _freeze(chance.choice(there.workers), scale.frozen_s),
            "web replica frozen": lambda: _freeze(chance.choice(there.webs), scale.frozen_s),
            "store away": self._store_away,
            "store slow": self._store_slow,
            "store drops answers": partial(
                there.tell_store, "faults", fault="dropped", on="writes", times=5
            ),
            "store says 429": partial(
                there.tell_store, "faults", fault="answers", status=429, retry_after_ms=50, times=80
            ),
            "far side slow": lambda: _struck(far(), Slow(2.0), 10),
            "far side gone": lambda: _gone(far(), scale.far_gone_s),
            "far side drops answers": lambda: _struck(far(), Dropped(), 2),
            "far side says 429": lambda: _struck(
                far(), Answers(429, headers={"Retry-After": "2"}), 10
            ),
            "clock jumps": self._clock,
        }

    def _fars(self) -> Sequence[TeamsFarSide | SlackFarSide]:
        return self.teams, self.slack

    async def _store_away(self) -> None:
        await self.there.tell_store("away", seconds=self.scale.store_away_s)
        await asyncio.sleep(self.scale.store_away_s + 0.5)

    async def _store_slow(self) -> None:
        seconds = self.scale.store_slow_s
        await self.there.tell_store("slow", seconds=_STORE_TAKES_S, for_s=seconds)
        await asyncio.sleep(seconds + _STORE_TAKES_S)

    async def _clock(self) -> None:
        await self.there.move_clock(3600)
        self.slack.delivery.now_s = lambda: time.time() + self.there.ahead_s


async def _kill(process: Supervised | None) -> str:
    assert process is not None
    pid = await _running(process)
    os.kill(pid, signal.SIGKILL)
    return str(pid)


async def _freeze(process: Supervised, seconds: float) -> str:
    pid = await _running(process)
    os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        os.kill(pid, signal.SIGCONT)
    return str(pid)


async def _running(process: Supervised) -> int:
    """Its id, once it is back from the last time."""
    while (pid := process.pid) is None:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    return pid


async def _struck(
    far: TeamsFarSide | SlackFarSide, fault: Slow | Dropped | Answers, times: int
) -> str:
    far.faults.add(fault, times=times)
    return far.surface


async def _gone(far: TeamsFarSide | SlackFarSide, seconds: float) -> str:
    await far.site.down()
    try:
        await asyncio.sleep(seconds)
    finally:
        await far.site.up()
    return far.surface
