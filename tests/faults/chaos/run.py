"""One run: people ask, things go wrong, and what is left is looked at."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration.adapters.cosmos import open_store
from orchestration.errors import TemporaryError
from orchestration.ports import Store
from tests.far.slack.far import slack_far_side
from tests.far.teams.far import teams_far_side
from tests.faults.chaos.estate import Estate, estate
from tests.faults.chaos.people import Crowd, Record
from tests.faults.chaos.sendings import Sendings
from tests.faults.chaos.talks import Post, SlackScreen, Talk, TeamsTalk, results
from tests.faults.chaos.troubles import Scale, Trouble, Troubles
from tests.faults.chaos.verdict import Inspection, Verdict, left_behind

_DELIVERED_AGAIN_S = (0.5, 5.0, 15.0, 30.0, 30.0)
"""As Slack does it (at once, after a minute, after five), but sooner."""
_SETTLED_WITHIN_S = 150.0
"""The permits of a worker that died are free after a minute."""


@dataclass(frozen=True, slots=True)
class Size:
    deployments: int
    threads: int
    at_once: int
    speed: float
    patience_s: float
    scale: Scale | None
    """None: nothing goes wrong."""


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    people: list[Record]
    troubles: list[Trouble]
    seconds: float
    answers: dict[str, int]
    restarts: dict[str, int]
    settled_s: float


async def run(seed: int, size: Size, folder: Path) -> Outcome:
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        teams = await stack.enter_async_context(teams_far_side(strict=False))
        slack = await stack.enter_async_context(slack_far_side(strict=False))
        sendings = Sendings(teams, slack)
        teams.again_s = slack.delivery.retries_s = _DELIVERED_AGAIN_S
        there = await stack.enter_async_context(estate(folder, teams, slack, speed=size.speed))
        screen = SlackScreen(slack)
        talks: list[Talk] = [
            await screen.talk(f"thread-{n}") if n % 2 else TeamsTalk(teams)
            for n in range(size.threads)
        ]
        crowd = Crowd(seed, talks, size.at_once, size.patience_s)
        troubles = Troubles(there, teams, slack, seed, size.scale) if size.scale else None
        await _lived(crowd, troubles, size.deployments)
        cosmos = there.settings.cosmos_url, there.settings.cosmos_database
        async with open_store(*cosmos, there.settings.cosmos_key) as store:
            settled_s = await _settled(store, there)
            had = troubles.had if troubles else []
            told = results(teams, screen)
            _keep_screens(folder, talks, told)
            _keep_sendings(folder, sendings)
            inspection = Inspection(store, there, crowd.records, told, had, sendings)
            verdict = await inspection.verdict()
        answers = {f"{who} {status}": n for (who, status), n in there.balancer.answered.items()}
        running = [*there.webs, *there.workers, *([there.temporal] if there.temporal else [])]
        restarts = {one.child.name: one.restarts for one in running}
        return Outcome(
            verdict, crowd.records, had, time.monotonic() - began, answers, restarts, settled_s
        )


def _keep_screens(folder: Path, talks: Sequence[Talk], told: Mapping[str, Sequence[Post]]) -> None:
    """What every thread shows, for who looks at what went wrong."""
    shown = {talk.thread: talk.posts() for talk in talks} | told
    lines = [
        json.dumps({"where": where, "at": post.at_s, "id": post.id, "lines": post.reading.lines})
        for where, posts in shown.items()
        for post in posts
    ]
    (folder / "screens.jsonl").write_text("\n".join(lines))


def _keep_sendings(folder: Path, sendings: Sendings) -> None:
    """Which process posted what, and when."""
    lines = [json.dumps(asdict(sending)) for sending in sendings.all()]
    (folder / "sendings.jsonl").write_text("\n".join(lines))


async def _lived(crowd: Crowd, troubles: Troubles | None, deployments: int) -> None:
    """Until everybody has what they wanted, and everything has gone wrong."""
    async with asyncio.TaskGroup() as both:
        both.create_task(crowd.wants(deployments))
        if troubles:
            both.create_task(troubles.make())
    if troubles:
        await troubles.end()


async def _settled(store: Store, there: Estate) -> float:
    """Wait until nothing waits any more; what still does then is found by the inspection."""
    began = time.monotonic()
    while time.monotonic() - began < _SETTLED_WITHIN_S:
        try:
            if not await left_behind(store, there):
                break
        except TemporaryError:
            pass
        await asyncio.sleep(1.0)
    return time.monotonic() - began
