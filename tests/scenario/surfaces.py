"""The ways to play a script: in the terminal, and at the clients of Teams and of Slack."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol

from tests.far.slack.far import slack_far_side
from tests.far.teams.far import teams_far_side
from tests.scenario import transcript
from tests.scenario.playing import play_on
from tests.scenario.slack_stage import SlackStage
from tests.scenario.stage import Stage
from tests.scenario.teams_stage import TeamsStage
from tests.scenario.transcript import Transcript

SURFACES = ("terminal", "teams", "slack")


class Play(Protocol):
    def __call__(self, *examples: str, store: Path, speed: float = 0.0) -> Transcript:
        """Run examples, each in a thread of its own name; all have to end well."""
        ...


def player(surface: str) -> Play:
    match surface:
        case "teams":
            return _on(teams)
        case "slack":
            return _on(slack)
        case _:
            return transcript.play


@asynccontextmanager
async def teams() -> AsyncIterator[Stage]:
    async with teams_far_side() as far:
        yield TeamsStage(far)
        assert far.connector.problems == [], "what no client could draw"


@asynccontextmanager
async def slack() -> AsyncIterator[Stage]:
    async with slack_far_side() as far:
        yield SlackStage(far)
        assert far.proxy.problems == [], "what no client could draw"


def _on(stage: Callable[[], AbstractAsyncContextManager[Stage]]) -> Play:
    def play(*examples: str, store: Path, speed: float = 0.0) -> Transcript:
        async def played(lines: Sequence[str]) -> Transcript:
            async with stage() as on:
                return await play_on(on, lines, store, speed)

        texts = (transcript.script(name) for name in examples)
        with _told(SIGNOFF_PRICES_LIVE="false", SIGNOFF_SANDBOX_SPEED=str(speed)):
            return asyncio.run(played("".join(texts).splitlines()))

    return play


@contextmanager
def _told(**environment: str) -> Iterator[None]:
    """The worker, a process of its own, reads its settings there."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
