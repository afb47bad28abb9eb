"""What the front makes of what happens in Teams, seen from both of its ends."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from approvals.principals import PrincipalId
from bot.teams.references import References
from orchestration.cards.model import Button, Card, InputField, Text
from orchestration.errors import PermanentError, TemporaryError, UserError
from orchestration.messages import Clicked, Inbound, Notice, Reply, Said, ThreadId
from orchestration.ports import MessageId
from tests.doubles.service import FakeService
from tests.doubles.teams_room import RESULTS, TENANT, Room, account, teams_room

ANA = ThreadId(f"teams:{TENANT}/a:ana")
CHANNEL = "19:general@thread.tacv2"
OMAR = PrincipalId("omar")
AT_BOT = {"type": "mention", "mentioned": {"id": "28:bot"}, "text": "<at>Signoff</at>"}
CARD = Card(
    id="plan-1",
    kind="deployment",
    lead="Omar, please decide.",
    title="A storage account",
    blocks=(Text("It costs nothing."),),
    buttons=(
        Button(
            "Approve", "approve", {"deployment": "1"}, audience=frozenset({PrincipalId("omar")})
        ),
        Button("Rename", "rename", {"draft": "1"}, inputs=(InputField("name", "Name"),)),
    ),
    wanted=(OMAR,),
    page="dep-1",
)


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with teams_room(tmp_path) as opened:
        yield opened


def in_channel(root: str = "", kind: str = "channel") -> dict[str, Any]:
    id = f"{CHANNEL};messageid={root}" if root else CHANNEL
    return {"conversation": {"id": id, "conversationType": kind, "tenantId": TENANT}}


def said(room: Room) -> list[tuple[str, str, str]]:
    events = room.service.received
    return [(e.thread, e.by, e.text) for e in events if isinstance(e, Said)]


def cards_of(room: Room) -> list[dict[str, Any]]:
    return [m["attachments"][0]["content"] for m in room.connector.messages if "attachments" in m]


def buttons_of(card: dict[str, Any]) -> list[str]:
    return [action["title"] for action in card.get("actions", [])]


async def pressing(room: Room, verb: str, by: str = "ana") -> dict[str, Any]:
    """The invoke of pressing a button of the card as everybody in the chat has it."""
    thread = ThreadId(f"teams:{TENANT}/a:{by}")
    await room.send(room.activity(by))
    await room.front.surface.post(thread, CARD, key="k")
    drawn = cards_of(room)[-1]
    action = next(a for a in _actions(drawn) if a.get("verb") == verb)
    value = {"action": {"type": "Action.Execute", "verb": verb, "data": action["data"]}}
    return room.activity(by, type="invoke", name="adaptiveCard/action", value=value, text=None)


def _actions(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [action for each in node for action in _actions(each)]
    if not isinstance(node, dict):
        return []
    own = [node] if str(node.get("type", "")).startswith("Action.") else []
    return own + [action for each in node.values() for action in _actions(each)]


# ---------------------------------------------------------------- messages


async def test_a_message_in_a_personal_chat_is_received_as_its_author(room: Room) -> None:
    assert await room.send(room.activity(text="a storage account\r\nplease ")) == (201, None)
    assert said(room) == [(ANA, "ana", "a storage account\nplease")]
    assert room.service.received[0].event == "teams:a:ana/1"


async def test_a_mention_in_a_channel_starts_a_thread_there(room: Room) -> None:
    text = "<at>Signoff</at>&nbsp;we need a <at>Mia</at> database"
    await room.send(room.activity(**in_channel(), text=text, entities=[AT_BOT]))
    thread = f"teams:{TENANT}/{CHANNEL};messageid=1"
    assert said(room) == [(thread, "ana", "we need a Mia database")]
    await room.front.surface.say(ThreadId(thread), Reply("Which?"), key="k")
    assert room.connector.calls[-1].path.endswith("%3Bmessageid%3D1/activities")


async def test_what_is_said_in_a_channel_without_a_mention_is_for_us_in_known_threads_alone(
    room: Room,
) -> None:
    await room.send(room.activity(**in_channel("7"), text="lunch?"))
    assert said(room) == []
    await room.send(room.activity(**in_channel("7"), entities=[AT_BOT], text="a database"))
    await room.send(room.activity("ben", **in_channel("7"), text="make it small"))
    assert [text for _, _, text in said(room)] == ["a database", "make it small"]


async def test_in_a_group_chat_the_bot_has_to_be_mentioned_each_time(room: Room) -> None:
    chat = in_channel(kind="groupChat")
    await room.send(room.activity(**chat, entities=[AT_BOT], text="<at>Signoff</at> a database"))
    await room.send(room.activity(**chat, text="who pays for lunch?"))
    assert said(room) == [(f"teams:{TENANT}/{CHANNEL}", "ana", "a database")]


async def test_a_mention_without_words_is_greeted(room: Room) -> None:
    await room.send(room.activity(**in_channel("7"), text="<at>Signoff</at>", entities=[AT_BOT]))
    await room.settled()
    assert said(room) == []
    assert "in your own words" in room.connector.texts[0]


@pytest.mark.parametrize(
    ("by", "sentence"),
    [
        ({"id": "29:x", "name": "Xu"}, "people of the organisation"),
        ({**account("nobody"), "name": "Xu"}, "I don't know you yet, Xu"),
        ({**account("ana"), "userRole": "guest"}, "not with guests"),
        ({**account("ana"), "role": "bot"}, "not with other bots"),
        ({"id": "28:other"}, "not with other bots"),
    ],
)
async def test_who_is_no_member_gets_a_sentence_and_nothing_is_received(
    room: Room, by: dict[str, Any], sentence: str
) -> None:
    assert (await room.send({**room.activity(), "from": by}))[0] == 201
    await room.settled()
    assert room.service.received == []
    assert sentence in room.connector.texts[0]


async def test_people_of_another_tenant_are_refused(room: Room) -> None:
    other = {"id": "a:ana", "tenantId": "88888888-0000-0000-0000-000000000000"}
    await room.send(room.activity(conversation=other))
    await room.settled()
    assert room.service.received == []
    assert "organisation that runs me" in room.connector.texts[0]


async def test_a_stranger_who_chats_in_a_known_thread_is_left_in_peace(room: Room) -> None:
    await room.send(room.activity(**in_channel("7"), entities=[AT_BOT], text="a database"))
    await room.send(room.activity("nobody", **in_channel("7"), text="nice!"))
    await room.settled()
    assert (len(said(room)), room.connector.messages) == (1, [])


async def test_a_repeated_delivery_carries_the_same_event_id(room: Room) -> None:
    activity = room.activity()
    await room.send(activity)
    await room.send(activity)
    assert len({event.event for event in room.service.received}) == 1


async def test_installing_greets_once_however_often_it_is_told(room: Room) -> None:
    installed = room.activity(type="installationUpdate", action="add", text=None)
    for activity in (installed, installed, room.activity(type="conversationUpdate")):
        assert (await room.send(activity))[0] == 201
    await room.settled()
    assert len(room.connector.texts) == 1
    assert room.connector.calls[0].path == "/v3/conversations/a%3Aana/activities"


@pytest.mark.parametrize(
    "kind", ["messageReaction", "typing", "endOfConversation", "event", "messageUpdate", "new"]
)
async def test_other_activities_are_ignored_quietly(room: Room, kind: str) -> None:
    assert await room.send(room.activity(type=kind)) == (201, None)
    await room.settled()
    assert (room.service.received, room.connector.calls) == ([], [])


async def test_replies_that_are_expected_at_once_are_given_at_once(room: Room) -> None:
    activity = room.activity("nobody", deliveryMode="expectReplies")
    status, body = await room.send(activity)
    assert status == 200
    assert [reply["text"][:17] for reply in body["activities"]] == ["I don't know you "]
    assert room.connector.calls == []


# ---------------------------------------------------------------- documents


def attached(room: Room, name: str, path: str = "file") -> list[dict[str, Any]]:
    kind = "application/vnd.microsoft.teams.file.download.info"
    content = {"downloadUrl": f"{room.issuer.url}/v1/.well-known/{path}", "fileType": "txt"}
    html = {"contentType": "text/html", "content": "<p>hi</p>"}
    return [html, {"contentType": kind, "name": name, "content": content}]


async def test_an_attached_document_comes_along_as_text(room: Room) -> None:
    files = attached(room, "needs.md", "openidconfiguration")
    await room.send(room.activity(text="as in the file", attachments=files))
    event = room.service.received[0]
    assert isinstance(event, Said)
    assert [file.name for file in event.files] == ["needs.md"]
    assert "jwks_uri" in event.files[0].text


async def test_a_document_that_cannot_be_read_is_said_so_and_the_words_still_count(
    room: Room,
) -> None:
    pictures = [{"contentType": "image/png", "contentUrl": "https://x/y", "name": "plan.png"}]
    files = attached(room, "gone.txt") + pictures
    await room.send(room.activity(text="as in the files", attachments=files))
    await room.settled()
    assert [text for _, _, text in said(room)] == ["as in the files"]
    assert "'gone.txt'" in room.connector.texts[0]
    assert "'plan.png'" in room.connector.texts[1]


# ---------------------------------------------------------------- clicks


async def test_a_click_is_received_and_answered_with_the_card_as_it_is_now(room: Room) -> None:
    invoke = await pressing(room, "approve", "omar")
    room.service.cards[CARD.id] = replace(CARD, lead="Omar has approved.", buttons=())
    status, body = await room.send(invoke)
    assert status == 200
    assert (body["statusCode"], body["type"]) == (200, "application/vnd.microsoft.card.adaptive")
    assert "Omar has approved." in str(body["value"])
    click = room.service.received[-1]
    assert isinstance(click, Clicked)
    assert (click.by, click.verb, click.data) == ("omar", "approve", {"deployment": "1"})
    assert click.event == f"teams:a:omar/{invoke['id']}"


async def test_a_click_that_is_delivered_again_is_answered_alike(room: Room) -> None:
    room.service.cards[CARD.id] = CARD
    invoke = await pressing(room, "approve", "omar")
    first, again = await room.send(invoke), await room.send(invoke)
    assert first == again
    events = [e.event for e in room.service.received if isinstance(e, Clicked)]
    assert len(set(events)) == 1


async def test_asking_for_ones_buttons_reaches_nobody_and_draws_the_card_for_who_asked(
    room: Room,
) -> None:
    room.service.cards[CARD.id] = CARD
    await room.send(room.activity(**in_channel("7"), entities=[AT_BOT]))
    await room.front.surface.post(ThreadId(f"teams:{TENANT}/{CHANNEL};messageid=7"), CARD, key="k")
    refresh = next(a for a in _actions(cards_of(room)[0]) if a.get("verb") == "refresh")
    value = {"action": {"verb": "refresh", "data": refresh["data"]}, "trigger": "automatic"}
    asked = {"type": "invoke", "name": "adaptiveCard/action", "value": value, **in_channel("7")}
    before = len(room.service.received)
    for by, sees in (("omar", True), ("ben", False)):
        _, body = await room.send({**room.activity(by), **asked})
        assert ("Approve" in buttons_of(body["value"])) is sees
    assert len(room.service.received) == before


async def test_a_refused_click_gives_the_card_with_the_reason_and_what_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with teams_room(tmp_path) as room:
        room.service.cards[CARD.id] = CARD
        invoke = await pressing(room, "rename")
        field = _input_id(cards_of(room)[-1])
        invoke["value"]["action"]["data"][field] = "data-lake"

        async def refuse(event: Inbound) -> None:
            raise UserError("'data-lake' is taken; please choose another name")

        monkeypatch.setattr(room.service, "receive", refuse)
        status, body = await room.send(invoke)
    assert (status, body["type"]) == (200, "application/vnd.microsoft.card.adaptive")
    assert "is taken" in str(body["value"])
    assert "'value': 'data-lake'" in str(body["value"])


def _input_id(node: Any) -> str:
    if isinstance(node, dict) and str(node.get("type", "")).startswith("Input."):
        return str(node["id"])
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return next((found for part in parts if (found := _input_id(part))), "")


async def test_a_click_of_a_stranger_is_answered_with_a_sentence(room: Room) -> None:
    invoke = {**await pressing(room, "rename"), "from": account("nobody")}
    before = len(room.service.received)
    status, body = await room.send(invoke)
    assert (status, body["type"]) == (200, "application/vnd.microsoft.activity.message")
    assert "I don't know you" in body["value"]
    assert len(room.service.received) == before


@pytest.mark.parametrize("value", [None, {}, {"action": 5}, {"action": {"verb": "x", "data": []}}])
async def test_junk_from_a_card_is_answered_with_a_sentence(room: Room, value: Any) -> None:
    activity = room.activity(type="invoke", name="adaptiveCard/action", value=value)
    status, body = await room.send(activity)
    assert (status, body["type"]) == (200, "application/vnd.microsoft.activity.message")
    assert room.service.received == []


async def test_other_invokes_are_refused(room: Room) -> None:
    assert (await room.send(room.activity(type="invoke", name="composeExtension/query")))[0] == 400


async def test_when_the_store_is_away_a_click_is_answered_and_a_message_sent_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoke = await pressing(room, "rename")

    async def fail(event: Inbound) -> None:
        raise TemporaryError("the store is away")

    monkeypatch.setattr(room.service, "receive", fail)
    _, body = await room.send(invoke)
    assert "Try again in a moment" in body["value"]
    assert (await room.send(room.activity()))[0] == 503


@pytest.mark.parametrize("error", [PermanentError("too large"), KeyError("deployment")])
async def test_what_nobody_can_take_is_answered_with_an_incident(
    room: Room, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    invoke = await pressing(room, "rename")

    async def fail(event: Inbound) -> None:
        raise error

    monkeypatch.setattr(room.service, "receive", fail)
    status, body = await room.send(invoke)
    assert (status, "incident id" in body["value"]) == (200, True)
    assert (await room.send(room.activity()))[0] == 201
    await room.settled()
    assert "incident id" in room.connector.texts[-1]


async def test_a_submit_of_an_old_client_is_a_click_too(room: Room) -> None:
    invoke = await pressing(room, "rename")
    data = invoke["value"]["action"]["data"]
    await room.send(room.activity(text=None, value=data))
    click = room.service.received[-1]
    assert isinstance(click, Clicked)
    assert (click.verb, click.data) == ("rename", {"draft": "1"})


# ---------------------------------------------------------------- what the bot says


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
    first = await room.around.store.get("threads", ANA, "teams/reference")
    await room.send(room.activity())
    assert await room.around.store.get("threads", ANA, "teams/reference") == first


async def test_a_thread_that_nobody_spoke_in_cannot_be_spoken_in(room: Room) -> None:
    with pytest.raises(PermanentError, match="never stored"):
        await room.front.surface.say(ANA, Reply("Hello?"), key="k")


async def test_choices_are_suggested_in_a_personal_chat_and_on_a_card_elsewhere(room: Room) -> None:
    await room.send(room.activity())
    await room.send(room.activity(**in_channel("7"), entities=[AT_BOT]))
    asked = Reply("Which region?", choices=("eastus", "westus2"))
    await room.front.surface.say(ANA, asked, key="k")
    await room.front.surface.say(ThreadId(f"teams:{TENANT}/{CHANNEL};messageid=7"), asked, key="k")
    offered, on_card = room.connector.messages
    assert [a["value"] for a in offered["suggestedActions"]["actions"]] == ["eastus", "westus2"]
    assert buttons_of(on_card["attachments"][0]["content"]) == ["eastus", "westus2"]


async def test_pressing_a_choice_on_a_card_says_it(room: Room) -> None:
    await room.send(room.activity(**in_channel("7"), entities=[AT_BOT]))
    thread = ThreadId(f"teams:{TENANT}/{CHANNEL};messageid=7")
    await room.front.surface.say(thread, Reply("Which?", choices=("eastus",)), key="k")
    action = _actions(cards_of(room)[0])[0]
    value = {"action": {"verb": action["verb"], "data": action["data"]}}
    pressed = {"type": "invoke", "name": "adaptiveCard/action", "value": value}
    _, body = await room.send({**room.activity(), **pressed, **in_channel("7")})
    assert body["value"] == "You chose: eastus"
    assert said(room)[-1] == (thread, "ana", "eastus")


async def test_a_refusal_mentions_who_it_is_for_where_others_read_along(room: Room) -> None:
    await room.send(room.activity(**in_channel("7"), entities=[AT_BOT]))
    thread = ThreadId(f"teams:{TENANT}/{CHANNEL};messageid=7")
    await room.front.surface.say(thread, Reply("*No.*", PrincipalId("ana")), key="k")
    message = room.connector.messages[0]
    assert message["text"] == r"<at>ana</at> \*No.\*"
    mention = {"id": "29:ana", "name": "ana"}
    assert message["entities"] == [
        {"type": "mention", "text": "<at>ana</at>", "mentioned": mention}
    ]


async def test_a_card_mentions_who_is_wanted_if_they_were_ever_seen(room: Room) -> None:
    await room.send(room.activity("omar"))
    await room.send(room.activity(**in_channel("7"), entities=[AT_BOT]))
    thread = ThreadId(f"teams:{TENANT}/{CHANNEL};messageid=7")
    message = await room.front.surface.post(thread, CARD, key="k")
    [card] = cards_of(room)
    assert message == MessageId(f"a{len(room.connector.calls)}")
    assert card["msteams"]["entities"][0]["mentioned"]["id"] == "29:omar"
    assert card["refresh"]["userIds"] == ["29:omar"]
    assert "Approve" not in buttons_of(card)
    assert any("https://signoff.example/dep-1" in str(a) for a in card["actions"])


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


# ---------------------------------------------------------------- local mode


LOCAL: dict[str, Any] = {"app_id": "", "app_password": "", "tenant_id": "", "local": True}


async def test_in_local_mode_this_machine_may_come_without_a_token(tmp_path: Path) -> None:
    async with teams_room(tmp_path, **LOCAL) as room:
        assert (await room.send(room.activity(channelId="emulator"), token=""))[0] == 201
        await room.front.surface.say(ANA, Reply("Hello."), key="k")
        assert (room.connector.signed_in, room.connector.calls[-1].token) == (0, "")


async def test_in_local_mode_nobody_comes_through_a_proxy_or_names_another_host(
    tmp_path: Path,
) -> None:
    async with teams_room(tmp_path, **LOCAL) as room:
        proxied = {"X-Forwarded-For": "127.0.0.1"}
        assert (await room.send(room.activity(), token="", headers=proxied))[0] == 401
        away = room.activity(serviceUrl="https://evil.example/")
        assert (await room.send(away, token=""))[0] == 401
        assert room.service.received == []
