"""What the bot says in Teams: where, to whom, in which form."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from approvals.principals import PrincipalId
from bot.teams.references import References
from orchestration.errors import PermanentError, TemporaryError
from orchestration.messages import Inbound, Notice, Reply, ThreadId
from orchestration.surface import MessageId
from tests.doubles.service import FakeService
from tests.doubles.teams_chat import (
    ANA,
    AT_BOT,
    CARD,
    THREAD,
    actions_of,
    buttons_of,
    cards_of,
    in_channel,
    said,
)
from tests.doubles.teams_room import RESULTS, TENANT, Room, teams_room


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with teams_room(tmp_path) as opened:
        yield opened


async def test_an_answer_goes_to_where_it_was_asked_after_a_restart_too(tmp_path: Path) -> None:
    async with teams_room(tmp_path) as before:
        await before.send(before.activity())
        stored = await References(before.around.store).of(ANA)
    assert (stored.conversation, stored.person, stored.tenant) == ("a:ana", "ana", TENANT)
    async with teams_room(tmp_path) as after:
        await References(after.around.store).remember(
            ANA, replace(stored, service_url=after.service_url)
        )
        await after.front.surface.say(ANA, Reply("Done."), key="k")
        assert after.connector.texts == ["Done."]
        assert after.connector.calls[0].token == "Bearer token-1"


async def test_where_a_thread_is_is_written_once(room: Room) -> None:
    await room.send(room.activity())
    first = await room.around.store.get("threads", ANA, "teams:reference")
    await room.send(room.activity())
    assert await room.around.store.get("threads", ANA, "teams:reference") == first


async def test_a_thread_that_nobody_spoke_in_cannot_be_spoken_in(room: Room) -> None:
    with pytest.raises(PermanentError, match="never stored"):
        await room.front.surface.say(ANA, Reply("Hello?"), key="k")


async def test_choices_are_suggested_in_a_personal_chat_and_on_a_card_elsewhere(room: Room) -> None:
    await room.send(room.activity())
    await room.send(room.activity(**in_channel("7"), entities=[AT_BOT]))
    asked = Reply("Which region?", choices=("eastus", "westus2"))
    await room.front.surface.say(ANA, asked, key="k")
    await room.front.surface.say(THREAD, asked, key="k")
    offered, on_card = room.connector.messages
    assert [a["value"] for a in offered["suggestedActions"]["actions"]] == ["eastus", "westus2"]
    assert buttons_of(on_card["attachments"][0]["content"]) == ["eastus", "westus2"]


async def test_pressing_a_choice_on_a_card_says_it(room: Room) -> None:
    await room.send(room.activity(**in_channel("7"), entities=[AT_BOT]))
    await room.front.surface.say(THREAD, Reply("Which?", choices=("eastus",)), key="k")
    action = actions_of(cards_of(room)[0])[0]
    value = {"action": {"verb": action["verb"], "data": action["data"]}}
    pressed = {"type": "invoke", "name": "adaptiveCard/action", "value": value}
    _, body = await room.send({**room.activity(), **pressed, **in_channel("7")})
    assert body["value"] == "You chose: eastus"
    assert said(room)[-1] == (THREAD, "ana", "eastus")


async def test_a_refusal_mentions_who_it_is_for_where_others_read_along(room: Room) -> None:
    await room.send(room.activity(**in_channel("7"), entities=[AT_BOT]))
    await room.front.surface.say(THREAD, Reply("*No.*", PrincipalId("ana")), key="k")
    message = room.connector.messages[0]
    assert message["text"] == r"<at>ana</at>: \*No.\*"
    mention = {"id": "29:ana", "name": "ana"}
    assert message["entities"] == [
        {"type": "mention", "text": "<at>ana</at>", "mentioned": mention}
    ]


async def test_a_card_shows_those_who_can_decide_their_own_buttons(room: Room) -> None:
    await room.send(room.activity("omar"))
    await room.send(room.activity(**in_channel("7"), entities=[AT_BOT]))
    message = await room.front.surface.post(THREAD, CARD, key="k")
    [card] = cards_of(room)
    assert message == MessageId(f"a{len(room.connector.calls)}")
    assert card["refresh"]["userIds"] == ["29:omar"]
    assert "Approve" not in buttons_of(card)
    assert "https://signoff.example/dep-1" in [a.get("url") for a in actions_of(card)]


async def test_in_their_own_chat_people_see_their_own_buttons(room: Room) -> None:
    await room.send(room.activity("omar"))
    await room.front.surface.post(ThreadId(f"teams:{TENANT}/a:omar"), CARD, key="k")
    assert "Approve" in buttons_of(cards_of(room)[0])


async def test_an_update_changes_the_posted_card(room: Room) -> None:
    await room.send(room.activity())
    await room.front.surface.update(ANA, MessageId("a1"), CARD)
    call = room.connector.calls[-1]
    assert (call.method, call.path) == ("PUT", "/v3/conversations/a%3Aana/activities/a1")
    assert (call.body["id"], call.body["summary"]) == ("a1", "Omar, please decide.")


async def test_a_deleted_card_cannot_be_updated(room: Room) -> None:
    await room.send(room.activity())
    fault = {"error": {"code": "ActivityNotFoundInConversation", "message": "Gone."}}
    room.connector.failing = [web.json_response(fault, status=404)]
    with pytest.raises(PermanentError, match="ActivityNotFoundInConversation"):
        await room.front.surface.update(ANA, MessageId("a1"), CARD)


async def test_a_notice_opens_a_thread_in_the_results_channel(room: Room) -> None:
    await room.send(room.activity())
    await room.front.surface.notify(ANA, Notice("#deployments", "It is up."), key="k")
    call = room.connector.calls[-1]
    assert call.path == "/v3/conversations"
    assert call.body["channelData"]["channel"] == {"id": RESULTS}
    assert (call.body["isGroup"], call.body["activity"]["text"]) == (True, "It is up.")


async def test_without_a_results_channel_nobody_is_told(tmp_path: Path) -> None:
    async with teams_room(tmp_path, results_channel="") as room:
        await room.send(room.activity())
        await room.front.surface.notify(ANA, Notice("#deployments", "It is up."), key="k")
        assert room.connector.calls == []


async def test_typing_shows_until_the_answer_goes_out(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def slowly(service: FakeService, event: Inbound) -> None:
        await asked.wait()
        await service.surface.say(event.thread, Reply("Here you are."), key="k")

    async with teams_room(tmp_path, slowly) as room:
        await room.send(room.activity())
        await room.connector.called.wait()
        asked.set()
        await room.service.settled(ANA)
        kinds = [call.body["type"] for call in room.connector.calls]
        assert kinds == ["typing", "message"]
        assert room.front._typing._shown == {}


async def test_the_bot_signs_in_once(room: Room) -> None:
    await room.send(room.activity())
    for number in range(3):
        await room.front.surface.say(ANA, Reply(f"{number}"), key="k")
    assert room.connector.signed_in == 1


async def test_a_token_that_is_refused_is_replaced_once(room: Room) -> None:
    await room.send(room.activity())
    room.connector.failing = [web.Response(status=401)]
    await room.front.surface.say(ANA, Reply("Hello."), key="k")
    tokens = [call.token for call in room.connector.calls]
    assert tokens == ["Bearer token-1", "Bearer token-2"]


async def test_a_wrong_password_is_told_to_the_operator_and_nothing_is_dropped(room: Room) -> None:
    await room.send(room.activity())
    room.connector.refusing_sign_in = 401
    with pytest.raises(TemporaryError, match="check teams_app_id"):
        await room.front.surface.say(ANA, Reply("Hello."), key="k")


async def test_a_card_that_teams_gives_no_id_may_or_may_not_be_there(room: Room) -> None:
    await room.send(room.activity())
    room.connector.failing = [web.json_response({"id": ""}, status=201), web.Response(status=202)]
    for _ in range(2):
        with pytest.raises(TemporaryError, match="gave it no id"):
            await room.front.surface.post(ANA, CARD, key="k")
    assert (await room.front.surface.post(ANA, CARD, key="k")).value
