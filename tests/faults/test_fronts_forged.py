"""Who is not Teams and not Slack gets a 400 or a 401 of the whole server, and stores nothing."""

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.doubles.teams_issuer import forged_key
from tests.far.slack.person import envelope
from tests.faults.town import Town, town

_HOUR_S = 3600


async def test_nothing_forged_reaches_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path, monkeypatch) as there:
        await there.run("/thread slack-real", "ana: what can you do?")
        await there.run("/thread teams-real", "ana: what can you do?")
        before = _stored(tmp_path)
        answers = {**await _forged_for_teams(there), **await _forged_for_slack(there)}
        assert set(answers.values()) <= {400, 401}, answers
        assert len(answers) > 30
        assert _stored(tmp_path) == before
        assert await _honest(there) == [201, 200], "the same, signed as it should be"
        assert _stored(tmp_path) > before


async def _honest(there: Town) -> list[int]:
    teams, slack = there.teams, there.slack
    room = teams.rooms.open("personal", teams.people["ana"].member)
    activity = teams.people["ana"].activity(room, "honest")
    good = {"Authorization": f"Bearer {teams.issuer.token(teams.service_url)}"}
    raw = _event(there)
    signed = {**slack.delivery.signed(raw), "Content-Type": "application/json"}
    return [
        await _sent(there, "/api/messages", good, json=activity),
        await _sent(there, "/slack/events", signed, data=raw),
    ]


def _event(there: Town) -> bytes:
    far = there.slack
    said = {"type": "app_mention", "user": far.people["ana"].id, "text": "said", "ts": "1.1"}
    event = {**said, "channel": far.channels["infra"], "event_ts": "1.1"}
    return json.dumps(envelope(far, event)).encode()


def _stored(store: Path) -> set[tuple[Any, ...]]:
    """Everything that was ever said or remembered, by where it is."""
    with sqlite3.connect(store / "store.db") as connection:
        rows = connection.execute("SELECT container, partition, id FROM documents")
        return {row for row in rows if row[0] not in {"leases", "work"}}


async def _forged_for_teams(there: Town) -> Mapping[str, int]:
    far = there.teams
    room = far.rooms.open("personal", far.people["ana"].member)
    found = {}
    for name, header in _teams_headers(there):
        activity = far.people["ana"].activity(room, "forged")
        found[f"teams: {name}"] = await _sent(there, "/api/messages", header, json=activity)
    good = {"Authorization": f"Bearer {far.issuer.token(far.service_url)}"}
    activity = far.people["ana"].activity(room, "forged")
    others = {
        "another service": {"serviceUrl": "https://evil.example/"},
        "a service that is not the token's": {"serviceUrl": "http://127.0.0.1:1/teams/"},
        "no service": {"serviceUrl": None},
        "another channel": {"channelId": "webchat"},
        "no channel": {"channelId": None},
        "nobody": {"from": None},
        "nowhere": {"conversation": None},
        "no type": {"type": None},
    }
    for name, other in others.items():
        body = {**activity, **other}
        found[f"teams: {name}"] = await _sent(there, "/api/messages", good, json=body)
    return found


def _teams_headers(there: Town) -> Iterator[tuple[str, Mapping[str, str]]]:
    issuer, url, now = there.teams.issuer, there.teams.service_url, int(time.time())
    public = jwt.encode({"iss": "x"}, "k" * 32, algorithm="HS256")
    tokens = {
        "a key that nobody published": issuer.token(url, key=forged_key()),
        "a key of another channel": issuer.token(url, kid="webchat"),
        "an unknown key id": issuer.token(url, kid="other", key=forged_key()),
        "no algorithm": issuer.token(url, key=None, kid="teams").rpartition(".")[0] + ".",
        "a symmetric key": issuer.token(url, key="k" * 32, algorithm="HS256"),
        "expired": issuer.token(url, claims={"exp": now - _HOUR_S, "nbf": now - 2 * _HOUR_S}),
        "not yet": issuer.token(url, claims={"nbf": now + _HOUR_S, "exp": now + 2 * _HOUR_S}),
        "another audience": issuer.token(url, claims={"aud": "22222222"}),
        "another issuer": issuer.token(url, claims={"iss": "https://evil.example"}),
        "another service url": issuer.token("https://evil.example/"),
        "of somebody else": public,
        "no token at all": "",
        "junk": "a.b.c",
    }
    for part in ("exp", "aud", "iss", "serviceurl"):
        tokens[f"without {part}"] = issuer.token(url, without=(part,))
    yield from ((name, {"Authorization": f"Bearer {t}"}) for name, t in tokens.items())
    yield "no header", {}
    yield "another scheme", {"Authorization": f"Basic {issuer.token(url)}"}


async def _forged_for_slack(there: Town) -> Mapping[str, int]:
    far = there.slack
    raw, now = _event(there), int(time.time())
    good = far.delivery.signed(raw)
    stamp, signature = "X-Slack-Request-Timestamp", "X-Slack-Signature"
    headers = {
        "unsigned": {},
        "another body's": far.delivery.signed(raw + b" "),
        "replayed": far.delivery.signed(raw, now - 301),
        "of the future": far.delivery.signed(raw, now + 301),
        "without a time": {signature: good[signature]},
        "without a signature": {stamp: good[stamp]},
        "another time": {**good, stamp: str(now - 1)},
        "a time in words": {**good, stamp: "now"},
        "an endless time": {**good, stamp: "9" * 40},
        "another version": {**good, signature: good[signature].replace("v0", "v1")},
        "cut short": {**good, signature: good[signature][:-1]},
        "empty": {**good, signature: ""},
    }
    found = {}
    for name, header in headers.items():
        typed = {**header, "Content-Type": "application/json"}
        found[f"slack: {name}"] = await _sent(there, "/slack/events", typed, data=raw)
    for name, junk in {"junk": b"{", "an array": b"[1]", "nothing": b"", "null": b"null"}.items():
        typed = {**far.delivery.signed(junk), "Content-Type": "application/json"}
        found[f"slack, signed: {name}"] = await _sent(there, "/slack/events", typed, data=junk)
    return found


async def _sent(there: Town, path: str, headers: Mapping[str, str], **body: Any) -> int:
    url = there.teams.bot_url + path
    async with there.teams.http.post(url, headers=headers, **body) as answer:
        return answer.status
