"""Slack while the process comes and goes: Socket Mode, and what is under way when it ends."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.slack.background import Background
from orchestration.errors import TemporaryError
from tests.contract.slack_world import CONFIG, world
from tests.doubles.slack_api import CHANNEL, SlackApi, eventually
from tests.doubles.slack_person import event_body

SOCKET = replace(CONFIG, app_token="xapp-1", signing_secrets=())


def envelope(id: str, text: str = "hi") -> dict[str, Any]:
    event = {
        "type": "message",
        "user": "UANA",
        "text": text,
        "ts": f"{id}.1",
        "channel": "DANA0001",
    }
    return {
        "type": "events_api",
        "envelope_id": id,
        "payload": event_body({**event, "channel_type": "im"}, id=f"Ev{id}"),
        "accepts_response_payload": False,
    }


def acknowledged(slack: SlackApi) -> list[str]:
    return [each["envelope_id"] for each in slack.envelopes]


async def test_over_a_socket_an_event_is_received_then_acknowledged(tmp_path: Path) -> None:
    async with world(tmp_path, SOCKET) as here:
        await eventually(lambda: here.slack.sockets)
        await here.slack.sockets[0].send_json(envelope("1"))
        await eventually(lambda: acknowledged(here.slack) == ["1"])
        assert len(here.service.received) == 1


async def test_over_a_socket_a_command_is_answered_in_the_acknowledgement(tmp_path: Path) -> None:
    async with world(tmp_path, SOCKET) as here:
        await eventually(lambda: here.slack.sockets)
        command = {
            "command": "/signoff",
            "text": "help",
            "team_id": "T0000001",
            "channel_id": CHANNEL,
            "user_id": "UANA",
            "trigger_id": "t.1",
        }
        body = {"type": "slash_commands", "envelope_id": "1", "payload": command}
        await here.slack.sockets[0].send_json({**body, "accepts_response_payload": True})
        await eventually(lambda: here.slack.envelopes)
        assert "Ask for infrastructure" in here.slack.envelopes[0]["payload"]["text"]


async def test_what_was_not_kept_or_is_no_event_is_not_acknowledged(tmp_path: Path) -> None:
    async with world(tmp_path, SOCKET) as here:
        await eventually(lambda: here.slack.sockets)
        here.slack.fail("users.info", "500")
        await here.slack.sockets[0].send_json(envelope("1"))
        junk = {"type": "events_api", "envelope_id": "2", "payload": {"type": "event_callback"}}
        await here.slack.sockets[0].send_json(junk)
        await eventually(lambda: here.slack.count("users.info"))
        await here.slack.sockets[0].send_json(envelope("3"))
        await eventually(lambda: here.slack.envelopes)
        assert acknowledged(here.slack) == ["3"]


async def test_a_socket_that_slack_ends_is_made_anew(tmp_path: Path) -> None:
    async with world(tmp_path, SOCKET) as here:
        await eventually(lambda: here.slack.sockets)
        warning = {"type": "disconnect", "reason": "refresh_requested"}
        await here.slack.sockets[0].send_json(warning)
        await eventually(lambda: len(here.slack.sockets) == 2)
        await here.slack.sockets[1].send_json(envelope("1"))
        await eventually(lambda: acknowledged(here.slack) == ["1"])


async def test_what_is_under_way_over_a_socket_is_acknowledged_before_the_end(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, SOCKET) as here:
        await eventually(lambda: here.slack.sockets)
        here.slack.answer_after_s = 0.3
        await here.slack.sockets[0].send_json(envelope("1"))
        await eventually(lambda: here.slack.count("auth.test"))
        slack, service = here.slack, here.service
    assert acknowledged(slack) == ["1"]
    assert len(service.received) == 1


async def test_answers_that_are_under_way_are_given_before_the_end(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.ana.mentions("hi")
        here.slack.answer_after_s = 0.2
        await here.person("UGUEST").event(
            {"type": "app_mention", "user": "UGUEST", "text": "x", "ts": "1.1", "channel": CHANNEL}
        )
        slack = here.slack
    assert "Guests can't" in slack.ephemeral[0]["text"]


async def test_work_that_does_not_end_is_stopped() -> None:
    background, ended = Background(), []

    async def endless() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("stopped")

    background.start(endless())
    await asyncio.sleep(0)
    await background.drain(0.01)
    assert ended == ["stopped"]


async def test_work_of_one_name_is_done_once_at_a_time() -> None:
    background, done = Background(), []

    async def work() -> None:
        await asyncio.sleep(0)
        done.append(1)

    for _ in range(5):
        background.start(work(), name="home")
    await background.drain()
    assert done == [1]


async def test_work_that_fails_hurts_nobody(tmp_path: Path) -> None:
    background = Background()

    async def failing() -> None:
        raise TemporaryError(json.dumps({"x": 1}))

    background.start(failing())
    await background.drain()
