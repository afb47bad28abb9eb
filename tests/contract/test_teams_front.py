"""What people write in Teams, and what comes of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from orchestration.messages import Reply, Said, ThreadId
from tests.doubles.teams_chat import ANA, AT_BOT, CHANNEL, in_channel, said
from tests.doubles.teams_room import TENANT, Room, account, teams_room


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with teams_room(tmp_path) as opened:
        yield opened


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


# ---------------------------------------------------------------- local mode


LOCAL: dict[str, Any] = {"app_id": "", "app_password": "", "tenant_id": "", "local": True}


async def test_in_local_mode_this_machine_may_come_without_a_token(tmp_path: Path) -> None:
    async with teams_room(tmp_path, **LOCAL) as room:
        chat = {"id": "a:ana", "conversationType": "personal"}
        emulated = {"id": "u1", "name": "Ana"}
        activity = {**room.activity(channelId="emulator", conversation=chat), "from": emulated}
        assert (await room.send(activity, token=""))[0] == 201
        assert said(room) == [("teams:local/a:ana", "ana", "hi")]
        await room.front.surface.say(ThreadId("teams:local/a:ana"), Reply("Hello."), key="k")
        assert (room.connector.signed_in, room.connector.calls[-1].token) == (0, "")


async def test_in_local_mode_people_go_by_their_names(tmp_path: Path) -> None:
    async with teams_room(tmp_path, **LOCAL) as room:
        await room.send({**room.activity(), "from": {"id": "u1", "name": "User"}}, token="")
        await room.settled()
        assert room.service.received == []
        assert "Nobody of the directory is called 'User'" in room.connector.texts[0]


async def test_in_local_mode_nobody_comes_through_a_proxy_or_names_another_host(
    tmp_path: Path,
) -> None:
    async with teams_room(tmp_path, **LOCAL) as room:
        proxied = {"X-Forwarded-For": "127.0.0.1"}
        assert (await room.send(room.activity(), token="", headers=proxied))[0] == 401
        away = room.activity(serviceUrl="https://evil.example/")
        assert (await room.send(away, token=""))[0] == 401
        assert room.service.received == []
