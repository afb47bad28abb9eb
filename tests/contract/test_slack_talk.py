"""What people write in Slack reaches the inside once, as who they are, in its thread."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.errors import TemporaryError
from orchestration.messages import Inbound, Said
from tests.contract.slack_world import World, world
from tests.doubles.service import FakeService
from tests.doubles.slack_api import BOT, CHANNEL, TEAM, eventually

DM = "DANA0001"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        yield opened


def said(here: World) -> list[Said]:
    """What was received, each event once, as the inbox keeps it."""
    found = {event.event: event for event in here.service.received if isinstance(event, Said)}
    return list(found.values())


async def test_a_mention_starts_a_thread_and_counts_once_though_slack_tells_twice(
    here: World,
) -> None:
    message = await here.ana.mentions("I need Databricks &amp; storage in East US")
    (only,) = said(here)
    assert only.thread == f"slack:{TEAM}/{CHANNEL}/{message['ts']}"
    assert only.event == f"slack:{TEAM}:{CHANNEL}/{message['ts']}"
    assert (only.by, only.text) == ("ana", "I need Databricks & storage in East US")


async def test_a_redelivered_event_is_the_same_event(here: World) -> None:
    message = here.slack.write(CHANNEL, "UANA", f"<@{BOT}> hi")
    event = {**message, "type": "app_mention", "channel": CHANNEL}
    for _ in range(3):
        assert (await here.ana.event(event, id="Ev7"))[0] == 200
    assert len({event.event for event in here.service.received}) == 1


async def test_in_a_thread_that_it_knows_nobody_has_to_mention_the_bot(here: World) -> None:
    message = await here.ana.mentions("a storage account")
    await here.person("UOMAR").writes("make it bigger", thread_ts=message["ts"])
    first, second = said(here)
    assert (second.by, second.thread) == ("omar", first.thread)


async def test_other_talk_of_a_channel_is_not_looked_at(here: World) -> None:
    await here.ana.writes("lunch?")
    await here.ana.writes("yes", thread_ts="1700000000.000100")
    assert said(here) == []
    assert here.slack.count("users.info") == 0


async def test_a_direct_message_is_one_talk_and_threads_in_it_their_own(here: World) -> None:
    await here.ana.writes("hello", channel=DM)
    await here.ana.writes("about that", channel=DM, thread_ts="1.1", parent_user_id=BOT)
    await here.ana.writes("something else", channel=DM, thread_ts="2.2", parent_user_id="UANA")
    threads = [event.thread for event in said(here)]
    talk = f"slack:{TEAM}/{DM}/dm"
    assert threads == [talk, talk, f"slack:{TEAM}/{DM}/2.2"]


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B1"},
        {"user": BOT},
        {"user": "USLACKBOT"},
        {"subtype": "message_changed", "message": {"text": "x"}},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"subtype": "bot_message"},
        {"hidden": True},
        {"user": None},
    ],
)
async def test_what_no_person_says_is_ignored(here: World, more: dict[str, Any]) -> None:
    event = {"type": "message", "user": "UANA", "text": f"<@{BOT}> x", "ts": "3.3", "channel": DM}
    assert (await here.ana.event({**event, "channel_type": "im", **more}))[0] == 200
    assert here.service.received == []


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ("UBOTTY", "Bots can't"),
        ("UGUEST", "Guests can't"),
        ("UFAR", "another Slack workspace"),
        ("UNOBODY", "I don't know"),
        ("UNEW", "not confirmed"),
        ("UGONE", "does not tell me who you are"),
    ],
)
async def test_who_may_not_ask_is_told_so_and_nothing_is_received(
    here: World, user: str, why: str
) -> None:
    message = await here.person(user).mentions("a database")
    if user != "UGONE":
        await eventually(lambda: here.slack.ephemeral)
        whispered = here.slack.ephemeral[0]
        assert why in whispered["text"]
        assert (whispered["user"], whispered["thread_ts"]) == (user, message["ts"])
    assert here.service.received == []


async def test_who_somebody_is_is_asked_once_a_minute(here: World) -> None:
    for _ in range(3):
        await here.ana.mentions("hi")
    assert here.slack.count("users.info") == 1
    here.clock.later += timedelta(seconds=61)
    await here.ana.mentions("hi")
    assert here.slack.count("users.info") == 2


async def test_a_bare_mention_asks_for_help(here: World) -> None:
    await here.ana.mentions("")
    assert [event.text for event in said(here)] == ["help"]


async def test_slack_sends_again_what_could_not_be_kept(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.service.__class__ = _Failing
        status, _ = await here.ana.writes("hi", channel=DM)
        assert status == 503
        here.service.__class__ = FakeService
        assert (await here.ana.writes("hi", channel=DM))[0] == 200


class _Failing(FakeService):
    async def receive(self, event: Inbound) -> None:
        raise TemporaryError("the store is not there")


async def test_slack_sends_again_while_nobody_knows_who_it_is(here: World) -> None:
    here.slack.fail("users.info", "500")
    assert (await here.ana.writes("hi", channel=DM))[0] == 503
    assert (await here.ana.writes("hi", channel=DM))[0] == 200


async def test_a_document_comes_along_as_text(here: World) -> None:
    here.slack.files["needs.md"] = b"# A storage account in westeurope"
    url = here.slack.url.replace("/api/", "/files/needs.md")
    file = {"id": "F1", "name": "needs.md", "size": 30, "url_private_download": url}
    await here.ana.writes("see there", channel=DM, subtype="file_share", files=[file])
    (only,) = said(here)
    assert [(f.name, f.text) for f in only.files] == [
        ("needs.md", "# A storage account in westeurope")
    ]


async def test_a_document_that_takes_long_is_there_when_slack_sends_again(here: World) -> None:
    here.slack.files["needs.md"] = b"# A storage account"
    here.slack.file_after_s = 1.8
    url = here.slack.url.replace("/api/", "/files/needs.md")
    file = {"name": "needs.md", "url_private_download": url}
    message = here.slack.write(DM, "UANA", "see there", subtype="file_share", files=[file])
    event = {**message, "channel": DM, "channel_type": "im"}
    assert (await here.ana.event(event, id="Ev1"))[0] == 503
    assert (await here.ana.event(event, id="Ev1"))[0] == 200
    (only,) = said(here)
    assert only.files[0].text == "# A storage account"
    assert here.slack.count("file") == 1


async def test_the_token_goes_to_slack_alone(here: World) -> None:
    file = {"name": "a.md", "url_private_download": "http://evil.example/files/a.md"}
    await here.ana.writes("see there", channel=DM, subtype="file_share", files=[file])
    (only,) = said(here)
    assert only.files == ()
    await eventually(lambda: here.slack.messages[DM][-1]["user"] == BOT)


async def test_the_bot_greets_when_it_comes_to_a_channel(here: World) -> None:
    joined = {"type": "member_joined_channel", "channel": CHANNEL, "channel_type": "C"}
    await here.ana.event({**joined, "user": "UANA"})
    await here.ana.event({**joined, "user": BOT})
    await eventually(lambda: here.slack.count("chat.postMessage") == 1)
    assert "Mention me" in here.slack.messages[CHANNEL][0]["text"]


async def test_the_home_tab_shows_what_waits(here: World) -> None:
    event = {"type": "app_home_opened", "user": "UANA", "tab": "home", "channel": DM}
    await here.ana.event(event)
    await eventually(lambda: "UANA" in here.slack.homes)
    assert "Nothing waits for you" in json.dumps(here.slack.homes["UANA"])
