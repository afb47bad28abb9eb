"""The far side of Teams is held to what Teams does, by a bot that speaks plain HTTP."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web

from tests.far.bots import Delivered, ListeningBot, listening_bot
from tests.far.faults import Answers, Dropped
from tests.far.teams.adaptive import CARD, actions, texts
from tests.far.teams.far import APP, PASSWORD, TENANT, TeamsFarSide, teams_far_side
from tests.far.teams.login import SCOPE
from tests.far.teams.rooms import Room

HELLO = {"type": "message", "text": "hello"}


@dataclass
class Bot:
    """Calls the connector as any bot would."""

    far: TeamsFarSide
    heard: ListeningBot
    token: str = ""

    async def sign_in(self, password: str = PASSWORD) -> int:
        form = {"grant_type": "client_credentials", "client_id": APP, "scope": SCOPE}
        url = f"{self.far.entrance.url}/{TENANT}/oauth2/v2.0/token"
        async with self.far.http.post(url, data={**form, "client_secret": password}) as answer:
            self.token = (await answer.json()).get("access_token", "")
            return answer.status

    async def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.far.service_url}v3/conversations/{path}".rstrip("/")
        async with self.far.http.request(method, url, json=body, headers=headers) as answer:
            text = await answer.text()
            self.retry_after = answer.headers.get("Retry-After")
            return answer.status, json.loads(text) if text else None

    async def send(self, room: Room, body: object = HELLO) -> tuple[int, Any]:
        return await self.call("POST", f"{room.id}/activities", body)


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with teams_far_side(monotonic_s=lambda: 0.0) as far, listening_bot() as heard:
        far.bot_url = heard.url
        made = Bot(far, heard)
        assert await made.sign_in() == 200
        yield made


def card(*actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = [{"type": "TextBlock", "text": "**Waiting** for <at>mia</at>", "wrap": True}]
    msteams = {"entities": [mention("mia")]}
    content = {"type": "AdaptiveCard", "version": "1.5", "body": body, "actions": list(actions)}
    content |= {"msteams": msteams} | more
    return {"type": "message", "attachments": [{"contentType": CARD, "content": content}]}


def mention(name: str) -> dict[str, Any]:
    mentioned = {"id": f"29:{name}", "name": name}
    return {"type": "mention", "text": f"<at>{name}</at>", "mentioned": mentioned}


def execute(verb: str, **more: Any) -> dict[str, Any]:
    fallback = {"type": "Action.Submit", "title": verb, "data": {"verb": verb, "shown": "1"}}
    said = {"type": "Action.Execute", "title": verb, "verb": verb, "data": {"shown": "1"}}
    return {**said, "fallback": fallback} | more


async def test_only_a_token_of_the_login_speaks(bot: Bot) -> None:
    room = bot.far.rooms.open("personal", bot.far.people["ana"].member)
    assert (await bot.send(room))[0] == 201
    assert await bot.sign_in("something else") == 401
    assert (await bot.send(room))[0] == 401


async def test_what_exists_is_updated_and_deleted_and_keeps_its_versions(bot: Bot) -> None:
    ana = bot.far.people["ana"]
    room = bot.far.rooms.open("personal", ana.member)
    said = await ana.says(room, "hi")
    _, sent = await bot.send(room)
    path = f"{room.id}/activities/{sent['id']}"
    assert (await bot.call("PUT", path, {**HELLO, "text": "changed"}))[0] == 200
    assert [v["text"] for v in room.messages[sent["id"]].versions] == ["hello", "changed"]
    assert (await bot.call("PUT", f"{room.id}/activities/1", HELLO))[0] == 404
    assert (await bot.call("PUT", f"{room.id}/activities/{said.id}", HELLO))[0] == 403
    assert (await bot.call("DELETE", path))[0] == 200
    assert (await bot.call("DELETE", path))[0] == 404


async def test_a_channel_has_threads_and_a_new_one_can_be_opened(bot: Bot) -> None:
    results = bot.far.results
    root = {"isGroup": True, "channelData": {"channel": {"id": results.id}}, "activity": HELLO}
    status, made = await bot.call("POST", "", root)
    assert status == 201
    assert made["id"] == f"{results.id};messageid={made['activityId']}"
    await bot.call("POST", f"{made['id']}/activities", HELLO)
    await bot.send(results)
    assert len(bot.far.rooms.in_thread(made["id"])) == 2
    assert len(results.messages) == 3


async def test_the_eighth_in_a_second_has_to_wait(bot: Bot) -> None:
    room, other = (bot.far.rooms.open("groupChat") for _ in range(2))
    assert [(await bot.send(room))[0] for _ in range(8)] == [201] * 7 + [429]
    assert bot.retry_after == "1"
    assert (await bot.send(other))[0] == 201


async def test_a_conversation_can_be_gone_or_closed_to_the_bot(bot: Bot) -> None:
    room = bot.far.rooms.open("groupChat")
    room.gone = 403
    status, body = await bot.send(room)
    assert (status, body["error"]["code"]) == (403, "BotNotInConversationRoster")
    room.gone = 404
    assert (await bot.send(room))[0] == 404
    assert (await bot.call("POST", "19:nowhere@thread.v2/activities", HELLO))[0] == 404


async def test_faults_strike_once_and_a_dropped_answer_was_stored(bot: Bot) -> None:
    room = bot.far.rooms.open("groupChat")
    for status in (412, 502, 504):
        bot.far.faults.add(Answers(status))
    assert [(await bot.send(room))[0] for _ in range(4)] == [412, 502, 504, 201]
    bot.far.faults.add(Dropped())
    with pytest.raises(aiohttp.ClientError):
        await bot.send(room)
    assert len(room.messages) == 2


async def test_down_means_that_connections_are_refused(bot: Bot) -> None:
    room = bot.far.rooms.open("groupChat")
    await bot.send(room)
    await bot.far.site.down()
    with pytest.raises(aiohttp.ClientConnectorError):
        await bot.send(room)
    await bot.far.site.up()
    assert (await bot.send(room))[0] == 201


async def test_a_card_that_no_client_could_draw_is_refused(bot: Bot) -> None:
    room = bot.far.rooms.open("groupChat")
    assert (await bot.send(room, card(execute("approve"))))[0] == 201
    for wrong in (
        card({"type": "Action.Push", "title": "?"}),
        card(execute("")),
        card(msteams={}),
        card(refresh={"action": execute("refresh"), "userIds": ["29:x"] * 61}),
        {"type": "message", "text": "x" * 60_000},
    ):
        assert (await bot.send(room, wrong))[0] in {400, 413}
    assert len(room.messages) == 1


async def test_streams_are_for_personal_chats_and_grow(bot: Bot) -> None:
    def part(text: str, kind: str = "streaming", **more: object) -> dict[str, Any]:
        info = {"type": "streaminfo", "streamType": kind, **more}
        name = "message" if kind == "final" else "typing"
        return {"type": name, "text": text, "entities": [info]}

    chat = bot.far.rooms.open("personal", bot.far.people["ana"].member)
    assert (await bot.send(bot.far.rooms.open("groupChat"), part("a")))[0] == 403
    status, started = await bot.send(chat, part("a"))
    assert status == 201
    assert (await bot.send(chat, part("ab", streamId=started["id"])))[0] == 202
    assert (await bot.send(chat, part("x", streamId=started["id"])))[0] == 403
    assert (await bot.send(chat, part("abc", "final", streamId=started["id"])))[0] == 201
    assert (await bot.send(chat, part("abcd", streamId=started["id"])))[0] == 403
    assert [m.newest["text"] for m in chat.messages.values()] == ["abc"]


async def test_a_message_arrives_signed_and_mentions_the_bot_outside_personal_chats(
    bot: Bot,
) -> None:
    ana = bot.far.people["ana"]
    channel = bot.far.rooms.open("channel", *bot.far.everybody())
    root = await ana.says(channel, "I need storage")
    await ana.says(channel, "nobody hears this", thread=root.id, mention=False)
    [got] = bot.heard.delivered
    activity = json.loads(got.body)
    assert activity["text"] == "<at>Signoff</at> I need storage\n"
    assert activity["conversation"]["id"] == f"{channel.id};messageid={root.id}"
    assert activity["from"]["aadObjectId"].endswith("0001")
    kind, _, token = got.headers["Authorization"].partition(" ")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (kind, claims["aud"], claims["serviceurl"]) == ("Bearer", APP, bot.far.service_url)


async def test_a_person_sees_what_is_theirs_and_presses_it(bot: Bot) -> None:
    mia, vic = bot.far.people["mia"], bot.far.people["vic"]
    room = bot.far.rooms.open("groupChat", mia.member, vic.member)
    reason = {"type": "Input.Text", "id": "reject:reason", "label": "Why"}
    own = card(execute("reject"), body=[reason])["attachments"][0]["content"]

    async def answer(got: Delivered) -> web.Response:
        said = {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive"}
        return web.json_response({**said, "value": own})

    bot.heard.answers = answer
    await bot.send(room, card(refresh={"action": execute("refresh"), "userIds": ["29:mia"]}))
    [message] = room.messages.values()
    for_vic, for_mia = await vic.sees(room, message), await mia.sees(room, message)
    assert for_vic is not None and list(texts(for_vic)) == ["Waiting for mia"]
    assert for_mia == own
    [action] = actions(own)
    await mia.clicks(room, message, action, {"reason": "too big"})
    await mia.submits(room, message, action, {"reason": "too big"})
    refreshed, clicked, submitted = (json.loads(got.body) for got in bot.heard.delivered)
    assert refreshed["value"]["trigger"] == "automatic"
    data = {"shown": "1", "reject:reason": "too big"}
    assert clicked["value"]["action"] == {
        "type": "Action.Execute",
        "verb": "reject",
        "title": "reject",
        "data": data,
    }
    assert submitted["value"] == {"verb": "reject"} | data
    assert clicked["replyToId"] == submitted["replyToId"] == message.id


async def test_an_invoke_that_nobody_answers_comes_again_with_the_same_id(bot: Bot) -> None:
    mia = bot.far.people["mia"]
    room = bot.far.rooms.open("groupChat", mia.member)
    await bot.send(room, card(execute("approve")))
    [message] = room.messages.values()
    [action] = actions(message.newest["attachments"][0]["content"])
    bot.far.patience_s = 0.2
    bot.heard.slow_s = [0.5]
    answer = await mia.clicks(room, message, action)
    first, second = (json.loads(got.body) for got in bot.heard.delivered)
    assert first == second
    assert (answer.status, answer.deliveries) == (200, 2)
