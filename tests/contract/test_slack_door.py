"""What reaches the bot: only what Slack signed, lately, and what Slack sends."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.telemetry import logging_to
from tests.contract.slack_world import CONFIG, World, world
from tests.doubles.slack_api import CHANNEL
from tests.doubles.slack_person import FORM, JSON, event_body, signed

EVENT = json.dumps(
    event_body(
        {
            "type": "app_mention",
            "user": "UANA",
            "text": "hi",
            "ts": "1.1",
            "channel": CHANNEL,
            "channel_type": "channel",
        }
    )
).encode()


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        yield opened


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in signed(EVENT).items() if key != name}


UNSIGNED: dict[str, dict[str, str]] = {
    "nothing signed": {},
    "no signature": without("X-Slack-Signature"),
    "no time": without("X-Slack-Request-Timestamp"),
    "another secret": signed(EVENT, secret="other"),
    "another body": signed(EVENT + b" "),
    "five minutes and more old": signed(EVENT, age_s=302),
    "from the future": signed(EVENT, age_s=-9000),
    "a time in words": signed(EVENT) | {"X-Slack-Request-Timestamp": "now"},
    "a time in other digits": signed(EVENT) | {"X-Slack-Request-Timestamp": "١٧٠٠"},
    "a long time": signed(EVENT) | {"X-Slack-Request-Timestamp": "1" * 400},
    "a negative time": signed(EVENT) | {"X-Slack-Request-Timestamp": "-1"},
    "a signature beyond ASCII": signed(EVENT) | {"X-Slack-Signature": "v0=é"},
    "an empty signature": signed(EVENT) | {"X-Slack-Signature": ""},
    "a signature of another version": signed(EVENT) | {"X-Slack-Signature": "v1=00"},
}


@pytest.mark.parametrize("headers", UNSIGNED.values(), ids=UNSIGNED.keys())
async def test_what_slack_has_not_signed_is_refused(here: World, headers: dict[str, str]) -> None:
    status, _ = await here.ana.send(EVENT, JSON, headers)
    assert status == 401
    assert here.service.received == []


@pytest.mark.parametrize("body", [b"{bad", b"[1]", b"payload=x", b"ssl_check=1&token=x", b"\xff"])
async def test_unsigned_junk_is_refused_before_it_is_read(here: World, body: bytes) -> None:
    assert (await here.ana.send(body, JSON, {}))[0] == 401


def form(payload: Any) -> bytes:
    return urlencode({"payload": payload}).encode()


NESTED = b'{"type":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
JUNK: list[tuple[bytes, str]] = [
    (b"", JSON),
    (b"{bad", JSON),
    (b"[1]", JSON),
    (b"17", JSON),
    (b'"text"', JSON),
    (b"null", JSON),
    (b"{}", JSON),
    (b"\xff\xfe{", JSON),
    (NESTED, JSON),
    (b'{"type": "event_callback"}', JSON),
    (b'{"type": "event_callback", "event_id": "E", "team_id": "T1", "event": 5}', JSON),
    (b'{"type": "event_callback", "event_id": "E", "team_id": {"a": 1}, "event": {}}', JSON),
    (b'{"type": "event_callback", "authorizations": [5], "event": {"type": "message"}}', JSON),
    (json.dumps(event_body({"type": "message", "channel": "C/1", "ts": "1.1"})).encode(), JSON),
    (json.dumps(event_body({"type": "message", "channel": "C1", "ts": "soon"})).encode(), JSON),
    (json.dumps(event_body({"type": "message"}, team="T/1")).encode(), JSON),
    (b"payload=notjson", FORM),
    (form("[]"), FORM),
    (form('{"type": "block_actions"}'), FORM),
    (form('{"type": "block_actions", "team": {"id": "T1"}, "user": 5, "actions": {}}'), FORM),
    (form('{"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U"}}'), FORM),
    (b"nothing=known", FORM),
    (b"command=/signoff", FORM),
]


@pytest.mark.parametrize(("body", "content_type"), JUNK, ids=range(len(JUNK)))
async def test_signed_junk_is_a_bad_request(here: World, body: bytes, content_type: str) -> None:
    status, _ = await here.ana.send(body, content_type)
    assert status == 400
    assert here.service.received == []


async def test_other_content_methods_and_sizes_have_their_own_answers(here: World) -> None:
    assert (await here.ana.send(EVENT, "text/plain"))[0] == 415
    assert (await here.ana.send(b"x" * (1024 * 1024 + 1), JSON))[0] == 413
    async with here.http.get(f"{here.url}/slack/events") as answer:
        assert answer.status == 405


async def test_slack_may_verify_the_address(here: World) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode()
    status, text = await here.ana.send(body, JSON)
    assert (status, json.loads(text)) == (200, {"challenge": "abc"})
    assert (await here.ana.send(body, JSON, {}))[0] == 401


async def test_a_signature_is_good_for_five_minutes(here: World) -> None:
    assert (await here.ana.send(EVENT, JSON, signed(EVENT, age_s=297)))[0] == 200
    assert len(here.service.received) == 1


async def test_both_secrets_count_while_one_replaces_the_other(tmp_path: Path) -> None:
    config = replace(CONFIG, signing_secrets=("new", "old"))
    async with world(tmp_path, config) as here:
        for secret in ("new", "old"):
            assert (await here.ana.send(EVENT, JSON, signed(EVENT, secret=secret)))[0] == 200
        assert (await here.ana.send(EVENT, JSON, signed(EVENT, secret="older")))[0] == 401


async def test_events_that_nobody_listens_to_are_acknowledged(here: World) -> None:
    for kind in ("user_change", "reaction_added", "team_join"):
        assert (await here.ana.event({"type": kind, "user": {"id": "U1"}}))[0] == 200
    assert here.service.received == []


async def test_time_is_what_the_clock_says(here: World) -> None:
    headers = signed(EVENT)
    here.clock.later += timedelta(seconds=305)
    assert (await here.ana.send(EVENT, JSON, headers))[0] == 401


UNHANDLED: list[dict[str, Any]] = [
    {"type": "shortcut", "callback_id": "unheard-of", "trigger_id": "t"},
    {"type": "block_suggestion", "action_id": "a", "block_id": "b", "value": "private words"},
    {"type": "view_closed", "view": {"id": "V1", "callback_id": "c", "private_metadata": "p"}},
    {"type": "message_action", "callback_id": "unheard-of", "message": {"text": "private words"}},
]


@pytest.mark.parametrize("payload", UNHANDLED, ids=lambda payload: payload["type"])
async def test_what_nobody_listens_to_is_not_written_to_the_log(
    here: World, tmp_path: Path, payload: dict[str, Any]
) -> None:
    whole = {"team": {"id": "T1"}, "user": {"id": "UANA", "name": "private-name"}, **payload}
    with logging_to(tmp_path / "log", "debug"):
        await here.ana.send(form(json.dumps(whole)), FORM)
        command = {"command": "/unheard-of", "text": "private words"}
        await here.ana.send(urlencode(command).encode(), FORM)
    written = (tmp_path / "log" / "signoff.log").read_text("utf-8")
    assert "private" not in written
    assert "Unhandled" not in written
