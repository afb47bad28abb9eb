"""Damaged requests over all routes of a real server: no answer is a 5xx, and its memory stays.

python -m tests.faults.fuzz [REQUESTS] [--seed N]
"""

import argparse
import asyncio
import io
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from bot.slack.registration import COMMAND, MESSAGE_SHORTCUT, REQUEST_SHORTCUT
from tests.far.slack.far import SlackFarSide, slack_far_side
from tests.far.slack.person import envelope
from tests.far.teams.adaptive import Action
from tests.far.teams.far import TeamsFarSide, teams_far_side
from tests.faults.junk import Junk, Source
from tests.faults.serving import Server

_AT_ONCE = 20
_PATIENCE_S = 60.0
_SAMPLES = 10
_VALUE = json.dumps({"c": "draft:x:1", "v": "submit", "d": {"draft": "x:1"}})


@dataclass(slots=True)
class Outcome:
    """`resident_mb` is the server's memory after each tenth of the requests."""

    answers: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    """Requests that were answered with a 5xx or not at all."""
    resident_mb: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def grown_mb(self) -> float:
        """From the middle to the end: what is cached is cached by then."""
        return self.resident_mb[-1] - self.resident_mb[_SAMPLES // 2 - 1]


async def fuzz(requests: int, seed: int, store: Path) -> Outcome:
    async with teams_far_side() as teams, slack_far_side(tiers={}, posts=()) as slack:
        slack.echoes = False
        told = {**teams.settings(), **slack.settings(), "public_url": "http://127.0.0.1:1"}
        server = Server(store, told)
        try:
            url = await server.start()
            teams.bot_url = slack.delivery.bot_url = url
            activities = await _activities(teams)
            source = Source(seed, activities, _payloads(slack), _events(slack))
            fresh = aiohttp.TCPConnector(force_close=True)
            async with aiohttp.ClientSession(connector=fresh) as http:
                sender = _Sender(url, teams, slack, http)
                return await _sent(source, requests, sender, server.pid)
        finally:
            await server.stop()


class _Sender:
    def __init__(
        self, url: str, teams: TeamsFarSide, slack: SlackFarSide, http: aiohttp.ClientSession
    ) -> None:
        self._url = url
        self._teams = teams
        self._slack = slack
        self._http = http

    async def send(self, junk: Junk) -> int:
        """The status, 0 when there was none."""
        headers = {**junk.headers, **self._signed(junk)}
        try:
            async with self._http.request(
                junk.method,
                self._url + junk.path,
                params=junk.query,
                data=io.BytesIO(junk.body) if junk.body else None,
                headers=headers,
                skip_auto_headers=("Content-Type",),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=_PATIENCE_S),
            ) as answer:
                if junk.path.endswith("/live"):
                    return answer.status
                await answer.read()
                return answer.status
        except (TimeoutError, aiohttp.ClientError):
            return 0

    def _signed(self, junk: Junk) -> Mapping[str, str]:
        match junk.signer:
            case "teams":
                return {"Authorization": f"Bearer {self._token()}"}
            case "slack":
                return self._slack.delivery.signed(junk.body)
            case _:
                return {}

    def _token(self) -> str:
        return self._teams.issuer.token(self._teams.service_url)


async def _sent(source: Source, requests: int, sender: _Sender, pid: int) -> Outcome:
    outcome, began = Outcome(), time.perf_counter()
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(junk: Junk) -> None:
        async with turns:
            status = await sender.send(junk)
        outcome.answers[status] += 1
        if status >= 500 or status == 0:
            outcome.broken.append(f"{status} {junk.method} {junk.path} {junk.body[:300]!r}")

    for _ in range(_SAMPLES):
        await asyncio.gather(*(one(source.next()) for _ in range(requests // _SAMPLES)))
        outcome.resident_mb.append(psutil.Process(pid).memory_info().rss / 1_000_000)
    outcome.seconds = time.perf_counter() - began
    return outcome


async def _activities(teams: TeamsFarSide) -> list[Mapping[str, Any]]:
    """Good ones of every kind, as they were really sent: words, a click, a submit, an arrival."""
    sent: list[Mapping[str, Any]] = []
    ana = teams.people["ana"]
    post = ana.post

    async def noted(activity: Mapping[str, Any]) -> Any:
        sent.append(json.loads(json.dumps(activity)))
        return await post(activity)

    ana.post = noted  # type: ignore[method-assign]
    room = teams.rooms.open("personal", ana.member)
    channel = teams.rooms.open("channel", *teams.everybody())
    await ana.says(room, "what can you do?")
    root = await ana.says(channel, "status")
    said = {"signoff": {"card": "draft:x:1", "verb": "submit", "data": {"draft": "x:1"}}}
    element = {"type": "Action.Execute", "verb": "submit", "data": said}
    action = Action(
        "Looks good",
        "Action.Execute",
        {**element, "fallback": {"type": "Action.Submit", "data": said}},
    )
    await ana.clicks(channel, root, action)
    await ana.submits(channel, root, action)
    arrival = {**sent[0], "type": "conversationUpdate", "membersAdded": [{"id": teams.rooms.bot}]}
    return [*sent, arrival, {**arrival, "type": "installationUpdate", "action": "add"}]


def _events(slack: SlackFarSide) -> list[Mapping[str, Any]]:
    ana, infra = slack.people["ana"], slack.channels["infra"]
    said = {"user": ana.id, "text": f"<@{slack.bot_user}> status", "channel": infra}
    said |= {"ts": "1795313551.000001", "event_ts": "1795313551.000001", "team": slack.team}
    events = (
        {**said, "type": "app_mention"},
        {**said, "type": "message", "channel_type": "channel", "thread_ts": said["ts"]},
        {**said, "type": "message", "channel_type": "im", "files": [{"name": "a", "size": 3}]},
        {"type": "app_home_opened", "user": ana.id, "tab": "home", "channel": infra},
        {"type": "member_joined_channel", "user": ana.id, "channel": infra},
    )
    verification = {"type": "url_verification", "challenge": "x", "token": "x"}
    return [verification, *(envelope(slack, event) for event in events)]


def _payloads(slack: SlackFarSide) -> list[Mapping[str, Any]]:
    ana, infra = slack.people["ana"], slack.channels["infra"]
    user = {"id": ana.id, "username": "ana", "team_id": slack.team}
    who = {"user": user, "team": {"id": slack.team}, "trigger_id": "1.2"}
    where = {"channel": {"id": infra}, "response_url": slack.site.url}
    message = {"type": "message", "text": "hello", "ts": "1.1", "user": ana.id}
    command = {"command": COMMAND, "text": "status", "channel_id": infra, "user_id": ana.id}
    on_message = {"callback_id": MESSAGE_SHORTCUT, "message": message}
    return [
        {**who, **where, "type": "block_actions", "message": message, **_pressed(infra)},
        {**who, "type": "view_submission", "view": _form(f"slack:{slack.team}/{infra}/1.1")},
        {**who, "type": "shortcut", "callback_id": REQUEST_SHORTCUT},
        {**who, **where, "type": "message_action", **on_message},
        {**command, "team_id": slack.team, "trigger_id": "1.2", "response_url": slack.site.url},
    ]


def _pressed(channel: str) -> Mapping[str, Any]:
    container = {"type": "message", "message_ts": "1.1", "channel_id": channel}
    action = {"type": "button", "action_id": "submit-0", "block_id": "buttons-0", "value": _VALUE}
    return {"container": container, "actions": [action]}


def _form(thread: str) -> Mapping[str, Any]:
    return {
        "id": "V1",
        "type": "modal",
        "callback_id": f"signoff-form|{thread}",
        "private_metadata": _VALUE,
        "blocks": [{"type": "input", "block_id": "reason", "element": {"action_id": "answer"}}],
        "state": {"values": {"reason": {"answer": {"type": "plain_text_input", "value": "no"}}}},
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", nargs="?", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", type=Path, help="where the log of the server stays")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="signoff-fuzz-") as folder:
        outcome = asyncio.run(fuzz(given.requests, given.seed, given.store or Path(folder)))
    print(f"{outcome.answers.total()} requests in {outcome.seconds:.0f} s, seed {given.seed}")
    print("answers:", ", ".join(f"{n} x {status}" for status, n in outcome.answers.most_common()))
    print("resident MB:", ", ".join(f"{mb:.0f}" for mb in outcome.resident_mb))
    print(*outcome.broken[:20], sep="\n")
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
