"""Whole turns over HTTP: Signoff behind `/api/messages` and `/slack/events`, against an echo on the
stock SDK and one on aiohttp alone. The servers are processes of their own; this one is the people,
and the vendors' side of it.

Everybody asks in a conversation of their own: half for something that exists, half what there is.
An echo's turn is one message; Signoff's is what was understood, and for a request the draft card.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.clicking import clicks
from benchmarks.figures import Figure, quantile
from tests.far.slack.emulator import user_token
from tests.far.slack.far import SlackFarSide, slack_far_side
from tests.far.slack.person import envelope
from tests.far.teams.far import TeamsFarSide, teams_far_side
from tests.faults.serving import Server

_TEXTS = ("what can you do?", "Azure OpenAI for team lab in dev, East US")
_WARM_UP, _TURNS, _STOCK_TURNS, _ROUNDS, _AT_ONCE = 30, 300, 120, 3, 32
_LIGHT = 40
_QUIET_S = 1.5
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One message: where, when it was sent, acknowledged."""

    where: str
    sent_s: float
    acknowledged_s: float


@dataclass(frozen=True, slots=True)
class Burst:
    """Of many messages at once. `answers_ms` is until the last of each answer."""

    acknowledged: float
    """A second."""
    completed: float
    acknowledgements_ms: Sequence[float]
    answers_ms: Sequence[float]


Ask = Callable[[str], Awaitable[Asked]]
"""Says a text in a conversation of its own."""
Heard = Callable[[], dict[str, float]]
"""When each conversation last heard something of the bot."""


async def measure(folder: Path) -> list[Figure]:
    async with teams_far_side(limits=(), strict=False) as far:
        bare = await _echo(far, folder, "bare", _TURNS)
        stock = await _echo(far, folder, "stock", _STOCK_TURNS)
        ours, light = await _teams(far, folder / "teams")
    async with slack_far_side(tiers={}, posts=(), strict=False) as there:
        slack, slack_light = await _slack(there, folder / "slack")
    return [
        *_rates("bare aiohttp echo", bare),
        *_rates("stock CloudAdapter echo", stock),
        *_rates("Teams", ours),
        *_rates("Slack", slack),
        *_against("Teams", ours, stock),
        *_against("Slack", slack, stock),
        *_light("Teams", light),
        *_light("Slack", slack_light),
        *(await clicks(folder / "clicks")),
    ]


def _rates(name: str, bursts: Sequence[Burst]) -> list[Figure]:
    return [
        Figure(f"{name}: acknowledged", [b.acknowledged for b in bursts], "/s"),
        Figure(f"{name}: turns completed", [b.completed for b in bursts], "/s"),
        Figure("  acknowledgement, 32 at once", _all(b.acknowledgements_ms for b in bursts), "ms"),
    ]


def _against(name: str, ours: Sequence[Burst], stock: Sequence[Burst]) -> list[Figure]:
    """Median by median."""
    asked = quantile([b.acknowledged for b in stock], 0.5)
    echoed = quantile([b.completed for b in stock], 0.5)
    acknowledged = [b.acknowledged / asked for b in ours]
    completed = [b.completed / echoed for b in ours]
    judged: Any = {"judged": "median", "at_least": True}
    return [
        Figure(f"{name}: acknowledged, times stock's echoes", acknowledged, "x", 5.0, **judged),
        Figure(f"{name}: turns, times stock's echoes", completed, "x", 2.0, **judged),
    ]


def _light(name: str, burst: Burst) -> list[Figure]:
    return [
        Figure(f"{name}: acknowledgement, one at a time", burst.acknowledgements_ms, "ms"),
        Figure(f"{name}: whole turn, one at a time", burst.answers_ms, "ms"),
    ]


def _all(values: Any) -> list[float]:
    return [value for each in values for value in each]


# ------------------------------------------------ the servers


async def _echo(far: TeamsFarSide, folder: Path, name: str, turns: int) -> list[Burst]:
    command = ("-m", f"benchmarks.echoes.{name}", far.issuer.openid_url, far.login.give())
    server = Server(folder / name, {}, command)
    try:
        far.bot_url = await server.start()
        return await bursts(in_teams(far), lambda: heard_in_teams(far), turns)
    finally:
        await server.stop()


async def _teams(far: TeamsFarSide, store: Path) -> tuple[list[Burst], Burst]:
    server = Server(store, far.settings())
    try:
        far.bot_url = await server.start()
        ask, heard = in_teams(far), lambda: heard_in_teams(far)
        found = await bursts(ask, heard, _TURNS)
        return found, await _burst(ask, heard, _LIGHT, 1)
    finally:
        await server.stop()


async def _slack(far: SlackFarSide, store: Path) -> tuple[list[Burst], Burst]:
    far.echoes = False
    server = Server(store, far.settings())
    try:
        far.delivery.bot_url = await server.start()
        ask, heard = await _in_slack(far), lambda: _heard_in_slack(far)
        found = await bursts(ask, heard, _TURNS)
        return found, await _burst(ask, heard, _LIGHT, 1)
    finally:
        await server.stop()


# ------------------------------------------------ asking


def in_teams(far: TeamsFarSide) -> Ask:
    ana, token = far.people["ana"], far.issuer.token(far.service_url)
    headers = {"Authorization": f"Bearer {token}"}

    async def ask(text: str) -> Asked:
        room = far.rooms.open("personal", ana.member)
        activity = ana.activity(room, text)
        sent = time.perf_counter()
        async with far.http.post(
            f"{far.bot_url}/api/messages", json=activity, headers=headers
        ) as answer:
            assert answer.status < 300, answer.status
        return Asked(room.id, sent, time.perf_counter())

    return ask


def heard_in_teams(far: TeamsFarSide) -> dict[str, float]:
    return {s.conversation: s.at_s for s in far.rooms.shown if s.message.by == far.rooms.bot}


async def _in_slack(far: SlackFarSide) -> Ask:
    """Every conversation is in a channel of its own, or one message a second would be the limit."""
    ana = far.people["ana"]
    names = (f"bench-{n}" for n in range(_WARM_UP + _ROUNDS * _TURNS + _LIGHT + 1))
    made = [
        await far.emulator.call("conversations.create", token=user_token("ana"), name=name)
        for name in names
    ]
    channels = iter([each["channel"]["id"] for each in made])

    async def ask(text: str) -> Asked:
        channel, ts = next(channels), f"{time.time():.6f}"
        said = {"user": ana.id, "text": f"<@{far.bot_user}> {text}", "team": far.team}
        event = {**said, "type": "app_mention", "ts": ts, "event_ts": ts, "channel": channel}
        raw = json.dumps(envelope(far, event)).encode()
        sent = time.perf_counter()
        answer = await far.delivery.send(raw, "application/json")
        assert answer.status == 200, answer
        return Asked(channel, sent, time.perf_counter())

    return ask


def _heard_in_slack(far: SlackFarSide) -> dict[str, float]:
    return {shown.channel: shown.at_s for shown in far.workspace.shown}


# ------------------------------------------------ measuring


async def bursts(ask: Ask, heard: Heard, turns: int) -> list[Burst]:
    await _burst(ask, heard, _WARM_UP, 4)
    return [await _burst(ask, heard, turns, _AT_ONCE) for _ in range(_ROUNDS)]


async def _burst(ask: Ask, heard: Heard, turns: int, at_once: int) -> Burst:
    places = asyncio.Semaphore(at_once)

    async def one(number: int) -> Asked:
        async with places:
            asked = await ask(_TEXTS[number % len(_TEXTS)])
        if at_once == 1:
            await _answered([asked], heard)
        return asked

    began = time.perf_counter()
    asked = await asyncio.gather(*map(one, range(turns)))
    last = await _answered(asked, heard)
    acknowledged = max(each.acknowledged_s for each in asked) - began
    return Burst(
        turns / acknowledged,
        turns / (max(last.values()) - began),
        [(each.acknowledged_s - each.sent_s) * 1000 for each in asked],
        [(last[each.where] - each.sent_s) * 1000 for each in asked],
    )


async def _answered(asked: Sequence[Asked], heard: Heard) -> dict[str, float]:
    """When each was answered, once nothing more is said for a while."""
    wanted = {each.where for each in asked}
    quiet = _QUIET_S if len(asked) > 1 else 0.3
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            found = {where: at for where, at in heard().items() if where in wanted}
            if wanted <= set(found) and max(found.values()) + quiet < time.perf_counter():
                return found
            await asyncio.sleep(0.05)
