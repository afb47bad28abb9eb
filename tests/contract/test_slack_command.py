"""`/signoff` and the shortcuts."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from approvals.principals import PrincipalId
from bot.slack.registration import MESSAGE_SHORTCUT, REQUEST_SHORTCUT
from orchestration.listing import Summary
from orchestration.messages import Said, ThreadId
from tests.contract.slack_world import World, world
from tests.doubles.slack_api import BOT, CHANNEL, TEAM, eventually
from tests.doubles.slack_person import FORM, signed

THREAD = ThreadId(f"slack:{TEAM}/{CHANNEL}/1700000000.000100")


def summary(id: str, title: str, **more: Any) -> Summary:
    facts = {
        "id": id,
        "title": title,
        "purpose": "provision",
        "state": "awaiting",
        "lead": "Omar, your sign-off is wanted.",
        "requester": PrincipalId("ana"),
        "thread": THREAD,
        "asked_at": datetime(2026, 3, 2, tzinfo=UTC),
        "ended_at": None,
        "team": "ml",
        "environment": "production",
        "capabilities": ("databricks",),
        "monthly_usd": 1234.0,
        "waits_for": frozenset({PrincipalId("omar")}),
    }
    return Summary(**(facts | more))


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        ended = {"state": "succeeded", "ended_at": datetime(2026, 3, 3, tzinfo=UTC)}
        opened.service.listed = (
            summary("d1", "Databricks for <ML>"),
            summary("d2", "Storage", requester=PrincipalId("omar"), waits_for=frozenset(), **ended),
        )
        yield opened


async def answered(here: World, text: str, *, user: str = "UANA", channel: str = CHANNEL) -> str:
    """What the person alone sees."""
    status, body = await here.person(user).commands(text, channel=channel)
    assert status == 200
    answer = json.loads(body)
    assert answer["response_type"] == "ephemeral"
    return json.dumps(answer, ensure_ascii=False)


@pytest.mark.parametrize("text", ["", "help", " HELP "])
async def test_help_is_given_to_anybody(here: World, text: str) -> None:
    assert "Ask for infrastructure" in await answered(here, text, user="UGUEST")


@pytest.mark.parametrize(
    ("text", "user", "there", "not_there"),
    [
        ("mine", "UANA", "Databricks", "Storage"),
        ("waiting", "UOMAR", "Databricks", "Storage"),
        ("waiting", "UANA", "Nothing waits for you", "Databricks"),
        ("status", "UANA", "Databricks", "Storage"),
        ("history", "UANA", "Storage", "no such thing"),
    ],
)
async def test_lists_are_for_who_asks(
    here: World, text: str, user: str, there: str, not_there: str
) -> None:
    shown = await answered(here, text, user=user)
    assert there in shown
    assert not_there not in shown


async def test_a_line_leads_to_its_thread_and_its_page(here: World) -> None:
    shown = await answered(here, "mine")
    assert "Databricks for &lt;ML&gt;" in shown
    assert "https://acme.slack.com/archives/C0000001/p1700000000000100?" in shown
    assert "https://signoff.example/d/d1" in shown
    assert "asked by ana · production · about $1,234 a month" in shown


async def test_a_request_in_words_opens_a_thread_that_names_who_asked(here: World) -> None:
    await answered(here, "a storage account <!channel>")
    (said,) = here.service.received
    root = here.slack.messages[CHANNEL][-1]
    assert isinstance(said, Said)
    assert said.thread == f"slack:{TEAM}/{CHANNEL}/{root['ts']}"
    assert (said.by, said.text) == ("ana", "a storage account @channel")
    assert root["text"] == "<@UANA> asks:\n>a storage account @channel"


async def test_where_the_bot_is_not_it_says_what_to_do(here: World) -> None:
    assert "/invite" in await answered(here, "a storage account", channel="C0000404")
    assert here.service.received == []


async def test_a_stranger_is_told_so(here: World) -> None:
    assert "Guests can't" in await answered(here, "a storage account", user="UGUEST")
    assert here.slack.count("chat.postMessage") == 0


async def test_the_global_shortcut_asks_and_opens_a_thread(here: World) -> None:
    assert (await here.ana.uses(REQUEST_SHORTCUT))[0] == 200
    view = here.slack.views[-1]
    assert await here.ana.submits(view, capability="storage", what="for logs", where=CHANNEL) == (
        200,
        "",
    )
    (said,) = here.service.received
    assert isinstance(said, Said)
    assert said.text.endswith(": for logs")


async def test_the_form_stays_when_the_bot_is_not_in_the_channel(here: World) -> None:
    await here.ana.uses(REQUEST_SHORTCUT)
    _, text = await here.ana.submits(here.slack.views[-1], what="logs", where="C0000404")
    assert "/invite" in json.loads(text)["errors"]["where"]


async def test_a_message_is_taken_as_a_request_in_its_thread(here: World) -> None:
    message = here.slack.write(CHANNEL, "UOMAR", "we need a key vault")
    status, _ = await here.ana.uses(MESSAGE_SHORTCUT, message=message, channel={"id": CHANNEL})
    (said,) = here.service.received
    assert status == 200
    assert isinstance(said, Said)
    assert said.thread == f"slack:{TEAM}/{CHANNEL}/{message['ts']}"
    assert (said.by, said.text) == ("ana", "we need a key vault")
    assert here.slack.thread(CHANNEL, message["ts"])[-1]["user"] == BOT


async def test_a_message_where_the_bot_is_not_is_not_taken(here: World) -> None:
    message = {"type": "message", "user": "UOMAR", "text": "x", "ts": "1.1"}
    await here.ana.uses(MESSAGE_SHORTCUT, message=message, channel={"id": "C0000404"})
    await eventually(lambda: here.slack.responses)
    assert "/invite" in here.slack.responses[0]["text"]
    assert here.service.received == []


async def test_a_command_that_is_sent_once_more_as_it_was_signed_opens_one_thread(
    here: World,
) -> None:
    sent = {"command": "/signoff", "text": "a storage account", "trigger_id": "1.2.abc"}
    where = {"channel_id": CHANNEL, "user_id": "UANA", "team_id": TEAM}
    body = urlencode({**sent, **where}).encode()
    headers = signed(body)
    assert [(await here.ana.send(body, FORM, headers))[0] for _ in range(3)] == [200, 401, 401]
    assert (await here.ana.send(body, FORM, signed(body, age_s=1)))[0] == 200
    assert len(here.service.received) == 1
    assert len(here.slack.messages[CHANNEL]) == 1
