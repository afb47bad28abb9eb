"""From a click to its acknowledgement: a hundred people at one card, each with a click a second,
and all of them at the same instant again and again."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

from benchmarks.figures import Figure
from tests.far.slack.far import SlackFarSide, slack_far_side
from tests.far.teams.adaptive import Action
from tests.far.teams.far import TeamsFarSide, teams_far_side
from tests.faults.serving import Server
from tests.scenario.slack_stage import SlackStage
from tests.scenario.stage import Drawn, Stage
from tests.scenario.teams_stage import TeamsStage

GOAL_MS = 250.0
_CLICKERS, _CLICKS = 100, 5
_THINKS_S = 1.0
_REQUEST = "Databricks for team bench in production, East US"
_WHO = ("olga", "omar", "ana", "ben", "sam", "vic", "lena")
_PATIENCE_S = 90.0
_THREAD = "bench"

Click = Callable[[str, Drawn], Awaitable[float]]
"""Somebody presses Approve; the seconds until the answer."""


async def clicks(folder: Path) -> list[Figure]:
    """Mia does not click, so that a sign-off stays missing and every click is looked into."""
    async with teams_far_side(limits=(), strict=False) as far:
        teams = await _measured(TeamsStage(far), _in_teams(far), folder / "teams")
    async with slack_far_side(tiers={}, posts=(), strict=False) as there:
        there.echoes = False
        slack = await _measured(SlackStage(there), _in_slack(there), folder / "slack")
    return [*_figures("Teams", *teams), *_figures("Slack", *slack)]


def _figures(name: str, spread: list[float], at_once: list[float]) -> list[Figure]:
    what = f"{name}: click to acknowledgement, {_CLICKERS} people"
    return [
        Figure(f"{what}, one a second each", spread, "ms", GOAL_MS, judged="p99"),
        Figure("  all of them without a pause", at_once, "ms"),
    ]


async def _measured(stage: Stage, click: Click, store: Path) -> tuple[list[float], list[float]]:
    server = Server(store, stage.settings())
    try:
        stage.meet(await server.start())
        await stage.say(_THREAD, "ana", _REQUEST)
        await _press(stage, await _drawn(stage, "Looks good"), "Looks good")
        shown = await _drawn(stage, "Approve")
        await asyncio.gather(*(click(who, shown) for who in _WHO))  # they are known from then on
        return await _clicked(click, shown, _THINKS_S), await _clicked(click, shown, 0.0)
    finally:
        await server.stop()


async def _clicked(click: Click, shown: Drawn, thinks_s: float) -> list[float]:
    chance = random.Random(1)

    async def clicker(number: int) -> list[float]:
        taken = []
        for _ in range(_CLICKS):
            await asyncio.sleep(chance.uniform(0.0, 2 * thinks_s))
            taken.append(await click(_WHO[number % len(_WHO)], shown))
        return taken

    taken = await asyncio.gather(*map(clicker, range(_CLICKERS)))
    return [each * 1000 for one in taken for each in one]


def _in_teams(far: TeamsFarSide) -> Click:
    async def click(who: str, shown: Drawn) -> float:
        room, message = far.rooms.of(shown.message)
        action = _approve(shown)
        assert isinstance(action, Action)
        answer = await far.people[who].clicks(room, message, action)
        assert answer.status == 200, answer
        return answer.taken_s

    return click


def _in_slack(far: SlackFarSide) -> Click:
    numbers = count(1)

    async def click(who: str, shown: Drawn) -> float:
        seen = next(one for one in far.workspace.shown if one.ts == shown.message)
        press = await far.people[who].clicks(
            seen.channel, seen.message, _approve(shown), trigger_id=f"bench.{next(numbers)}"
        )
        assert press.answer.status == 200, press
        return press.answer.taken_s

    return click


def _approve(shown: Drawn) -> object:
    return next(b.element for b in shown.reading.buttons if b.label == "Approve")


async def _press(stage: Stage, drawn: Drawn, label: str) -> None:
    button = next(b for b in drawn.reading.buttons if b.label == label)
    await stage.press(_THREAD, "ana", drawn.message, button, {})


async def _drawn(stage: Stage, label: str) -> Drawn:
    """The newest card with such a button, as soon as there is one."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            cards = [one for one in await stage.look() if isinstance(one, Drawn)]
            for one in reversed(cards):
                if any(button.label == label for button in one.reading.buttons):
                    return one
            await asyncio.sleep(0.1)
