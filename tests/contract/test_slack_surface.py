"""Slack as a surface: everything is said once, in its thread, in the newest way Slack takes."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from approvals.principals import PrincipalId
from orchestration.addresses import Addresses
from orchestration.cards.model import Card, Details, Progress, Text
from orchestration.errors import PermanentError, TemporaryError
from orchestration.messages import Notice, Reply, ThreadId
from orchestration.surface import MessageId, Surface
from tests.contract.slack_world import World, world
from tests.doubles.slack_api import CHANNEL, TEAM, member

ANA = PrincipalId("ana")
FOLDED = Card(
    "deployment:d1",
    "deployment",
    "Check <this>.",
    "Databricks",
    (Details("More", (Text("a"), Text("b"))), Progress("dbw", 1, 5)),
)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        await Addresses(opened.store).remember(ANA, f"slack:{TEAM}", "UANA")
        yield opened


@pytest.fixture
def thread(here: World) -> ThreadId:
    root = here.slack.write(CHANNEL, "UANA", "hi")
    return ThreadId(f"slack:{TEAM}/{CHANNEL}/{root['ts']}")


@pytest.fixture
def surface(here: World) -> Surface:
    return here.front.surface


def newest(here: World, channel: str = CHANNEL) -> dict[str, Any]:
    return here.slack.messages[channel][-1]


async def test_a_card_is_posted_in_its_thread_and_updated_there(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    message = await surface.post(thread, FOLDED, key="k1")
    assert message.value == f"{CHANNEL}/{newest(here)['ts']}"
    assert newest(here)["thread_ts"] == thread.rpartition("/")[2]
    assert "Check &lt;this&gt;" in newest(here)["text"]
    await surface.update(
        thread, message, Card("deployment:d1", "deployment", "Done.", "Databricks")
    )
    assert "Done." in newest(here)["text"]
    assert len(here.slack.messages[CHANNEL]) == 2


async def test_what_was_sent_is_found_by_its_key(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    for number in range(3):
        await surface.say(thread, Reply(f"words {number}"), key=f"k{number}")
    found = await surface.sent(thread, "k1")
    assert found == MessageId(f"{CHANNEL}/{here.slack.messages[CHANNEL][2]['ts']}")
    assert await surface.sent(thread, "other") is None


async def test_a_lost_answer_leaves_a_message_that_is_found(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    here.slack.fail("chat.postMessage", "after")
    with pytest.raises(TemporaryError):
        await surface.post(thread, FOLDED, key="k1")
    assert await surface.sent(thread, "k1") == MessageId(f"{CHANNEL}/{newest(here)['ts']}")
    assert here.slack.count("chat.postMessage") == 1


@pytest.mark.parametrize("kind", ["before", "500", "internal_error"])
async def test_nothing_is_sent_twice_by_itself(
    here: World, surface: Surface, thread: ThreadId, kind: str
) -> None:
    here.slack.fail("chat.postMessage", kind)
    with pytest.raises(TemporaryError):
        await surface.say(thread, Reply("words"), key="k1")
    assert here.slack.count("chat.postMessage") == 1
    assert await surface.sent(thread, "k1") is None
    assert here.slack.count("conversations.replies") == 1


async def test_a_limit_is_waited_for_as_long_as_slack_says(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    here.slack.fail("chat.postMessage", "limited", retry_after_s=17)
    with pytest.raises(TemporaryError) as limited:
        await surface.say(thread, Reply("words"), key="k1")
    assert limited.value.retry_after_s == 17
    with pytest.raises(TemporaryError):
        await surface.say(thread, Reply("words"), key="k1")
    assert here.slack.count("chat.postMessage") == 1
    assert await surface.sent(thread, "k1") is None
    assert here.slack.count("conversations.replies") == 0


async def test_a_workspace_that_knows_no_new_blocks_gets_classic_ones_from_then_on(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    here.slack.classic = True
    await surface.post(thread, FOLDED, key="k1")
    tries = here.slack.count("chat.postMessage")
    assert tries == 2
    await surface.post(thread, FOLDED, key="k2")
    assert here.slack.count("chat.postMessage") == tries + 1


async def test_a_card_that_slack_takes_in_no_way_is_sent_as_text(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    here.slack.fail("chat.postMessage", "msg_blocks_too_long", times=2)
    await surface.post(thread, FOLDED, key="k1")
    assert "Check" in newest(here)["text"]
    assert not newest(here).get("blocks")
    await surface.post(thread, FOLDED, key="k2")
    assert newest(here)["blocks"]


async def test_a_message_that_somebody_deleted_is_gone(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    message = await surface.post(thread, FOLDED, key="k1")
    here.slack.messages[CHANNEL].pop()
    with pytest.raises(PermanentError):
        await surface.update(thread, message, FOLDED)


async def test_what_is_for_one_person_is_shown_to_them_alone(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    await surface.say(thread, Reply("You asked for it yourself.", to=ANA), key="k1")
    (whispered,) = here.slack.ephemeral
    assert (whispered["user"], whispered["channel"]) == ("UANA", CHANNEL)
    assert whispered["thread_ts"] == thread.rpartition("/")[2]
    assert here.slack.count("chat.postMessage") == 0


async def test_somebody_who_is_not_in_the_channel_is_told_directly(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    here.slack.fail("chat.postEphemeral", "user_not_in_channel")
    await surface.say(thread, Reply("You asked for it yourself.", to=ANA), key="k1")
    assert newest(here, "DUANA")["text"] == "You asked for it yourself."
    assert len(here.slack.messages[CHANNEL]) == 1


async def test_who_was_never_seen_here_is_named(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    await surface.say(thread, Reply("You have to.", to=PrincipalId("omar")), key="k1")
    assert "omar You have to." in json.dumps(newest(here)["blocks"])


async def test_those_who_are_called_are_mentioned(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    calls = (ANA, PrincipalId("omar"))
    await surface.say(thread, Reply("It waits for your sign-off.", calls=calls), key="k1")
    assert "<@UANA> omar It waits" in json.dumps(newest(here)["blocks"])


async def test_an_approver_who_never_spoke_is_found_by_their_address(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    omar = member("UOMAR", "omar", profile={"email": "omar@contoso.example"})
    here.slack.users["UOMAR"] = omar
    call = Reply("It waits for your sign-off.", calls=(PrincipalId("omar"),))
    await surface.say(thread, call, key="k1")
    assert "<@UOMAR> It waits" in json.dumps(newest(here)["blocks"])


async def test_an_address_that_is_not_confirmed_finds_nobody(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    address = {"email": "omar@contoso.example"}
    here.slack.users["UX"] = member("UX", "x", profile=address, is_email_confirmed=False)
    call = Reply("It waits for your sign-off.", calls=(PrincipalId("omar"),))
    await surface.say(thread, call, key="k1")
    assert "omar It waits" in json.dumps(newest(here)["blocks"])


async def test_in_a_direct_message_it_is_just_said(here: World, surface: Surface) -> None:
    thread = ThreadId(f"slack:{TEAM}/DANA0001/dm")
    await surface.say(thread, Reply("You asked for it yourself.", to=ANA), key="k1")
    said = newest(here, "DANA0001")
    assert "thread_ts" not in said
    assert "<@" not in json.dumps(said)
    assert await surface.sent(thread, "k1") == MessageId(f"DANA0001/{said['ts']}")


async def test_a_notice_goes_to_the_results_channel_and_is_found_there(
    here: World, surface: Surface
) -> None:
    thread = ThreadId(f"slack:{TEAM}/C0000002/1.1")
    notice = Notice("#deployments", "<!here> is up: https://x.example/a?b=1&c=2")
    await surface.notify(thread, notice, key="k1")
    assert newest(here)["text"] == "&lt;!here&gt; is up: <https://x.example/a?b=1&amp;c=2>"
    assert await surface.sent(thread, "k1", notice=True) == MessageId(
        f"{CHANNEL}/{newest(here)['ts']}"
    )


async def test_slack_fetches_none_of_our_links(
    here: World, surface: Surface, thread: ThreadId
) -> None:
    await surface.post(thread, FOLDED, key="k1")
    (body,) = [body for method, body in here.slack.calls if method == "chat.postMessage"]
    assert (body["unfurl_links"], body["unfurl_media"]) == (False, False)


async def test_a_thread_of_another_surface_is_none(surface: Surface) -> None:
    for thread in ("teams:t/19:x", "slack:T1/C1", "slack:T1//1.1"):
        with pytest.raises(PermanentError):
            await surface.say(ThreadId(thread), Reply("x"), key="k")


@pytest.mark.parametrize("word", ["invalid_auth", "token_revoked", "account_inactive"])
async def test_while_the_token_does_not_count_what_is_to_be_said_waits(
    here: World, surface: Surface, thread: ThreadId, word: str
) -> None:
    for failing in ("chat.postMessage", "auth.test"):
        here.slack.fail(failing, word)
        with pytest.raises(TemporaryError) as waiting:
            await surface.say(thread, Reply("hello"), key="k")
        assert waiting.value.retry_after_s > 50
        here.clock.later += timedelta(seconds=61)
    await surface.say(thread, Reply("hello"), key="k")
    assert newest(here)["text"] == "hello"
