"""The far side of Slack is held to what Slack does, by a bot that speaks plain HTTP."""

import asyncio
import hashlib
import hmac
import json
import urllib.parse
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.far.bots import Delivered, ListeningBot, listening_bot
from tests.far.faults import Answers, Dropped
from tests.far.slack.emulator import BOT_TOKEN
from tests.far.slack.far import SECRET, SlackFarSide, slack_far_side
from tests.far.slack.workspace import Ephemeral

_FORM = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Reject"},
    "submit": {"type": "plain_text", "text": "Reject"},
    "blocks": [
        {
            "type": "input",
            "block_id": "in.reason",
            "label": {"type": "plain_text", "text": "Why"},
            "element": {"type": "plain_text_input", "action_id": "v"},
        }
    ],
}
METADATA = {"event_type": "signoff", "event_payload": {"key": "k1"}}


@dataclass
class Bot:
    """Calls the Web API as any bot would."""

    far: SlackFarSide
    heard: ListeningBot
    now_s: list[float]

    async def call(self, method: str, token: str = BOT_TOKEN, **body: object) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.far.site.url}/api/{method}"
        async with self.far.http.post(url, json=body, headers=headers) as answer:
            return {**await answer.json(), "status": answer.status}

    def events(self) -> list[dict[str, Any]]:
        bodies = (one.body for one in self.heard.delivered)
        return [json.loads(body)["event"] for body in bodies if body.startswith(b"{")]


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    now_s = [0.0]
    async with slack_far_side(monotonic_s=lambda: now_s[0]) as far, listening_bot() as heard:
        far.delivery.bot_url = heard.url
        yield Bot(far, heard, now_s)


def button(verb: str, **more: object) -> dict[str, Any]:
    text = {"type": "plain_text", "text": verb}
    return {"type": "button", "action_id": verb, "text": text, "value": "1", **more}


def row(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "actions", "block_id": "b", "elements": list(elements)}]


async def test_only_known_tokens_speak_and_limits_say_how_long_to_wait(bot: Bot) -> None:
    infra, platform = bot.far.channels["infra"], bot.far.channels["platform"]
    assert (await bot.call("auth.test", token="xoxb-other"))["error"] == "invalid_auth"
    sent = [await bot.call("chat.postMessage", channel=infra, text="hi") for _ in range(5)]
    assert [answer["status"] for answer in sent] == [200] * 4 + [429]
    assert (await bot.call("chat.postMessage", channel=platform, text="hi"))["ok"]
    updates = [
        await bot.call("chat.update", channel=infra, ts=sent[0]["ts"], text=f"{n}")
        for n in range(51)
    ]
    assert [answer["status"] for answer in updates].count(429) == 1
    assert bot.far.proxy.refused == 2


async def test_what_slack_would_refuse_is_refused(bot: Bot) -> None:
    infra = bot.far.channels["infra"]

    async def error(**body: object) -> str:
        bot.now_s[0] += 1
        return (await bot.call("chat.postMessage", channel=infra, text="hi", **body))["error"]

    assert await error(blocks=[{"type": "crad"}]) == "invalid_blocks"
    assert await error(blocks=row(button("a"), button("a"))) == "invalid_blocks"
    assert await error(blocks=row(button("a" * 76))) == "invalid_blocks"
    assert await error(blocks=[{"type": "divider"}] * 51) == "invalid_blocks"
    assert await error(metadata={"event_type": "x"}) == "invalid_metadata_format"
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2999}}
    assert await error(blocks=[section] * 5) == "msg_blocks_too_long"
    assert bot.far.workspace.shown == []


async def test_metadata_is_kept_for_those_who_ask(bot: Bot) -> None:
    infra = bot.far.channels["infra"]
    root = await bot.far.people["ana"].says(infra, "hello")
    blocks, said = row(button("Approve")), {"channel": infra, "thread_ts": root}
    await bot.call("chat.postMessage", **said, text="card", blocks=blocks, metadata=METADATA)
    with_it = await bot.call(
        "conversations.replies", channel=infra, ts=root, include_all_metadata=True
    )
    without = await bot.call("conversations.replies", channel=infra, ts=root)
    assert with_it["messages"][1]["metadata"] == METADATA
    assert "metadata" not in without["messages"][1]
    page = await bot.call("conversations.replies", channel=infra, ts=root, limit=1)
    assert (len(page["messages"]), page["has_more"]) == (1, True)


async def test_a_mention_arrives_signed_as_two_events_and_again_until_it_is_taken(
    bot: Bot,
) -> None:
    refused = iter([503])

    async def answer(got: Delivered) -> web.Response:
        return web.Response(status=next(refused, 200))

    bot.heard.answers = answer
    await bot.far.people["ana"].mentions(bot.far.channels["infra"], "I need storage")
    first, again, message = bot.heard.delivered
    assert [e["type"] for e in bot.events()] == ["app_mention", "app_mention", "message"]
    assert first.body == again.body
    assert again.headers["X-Slack-Retry-Num"] == "1"
    ids = {json.loads(got.body)["event_id"] for got in (first, message)}
    assert len(ids) == 2
    stamp = first.headers["X-Slack-Request-Timestamp"]
    said = f"v0:{stamp}:".encode() + first.body
    digest = hmac.new(SECRET.encode(), said, hashlib.sha256).hexdigest()
    assert first.headers["X-Slack-Signature"] == f"v0={digest}"


async def test_a_bot_hears_itself(bot: Bot) -> None:
    await bot.call("chat.postMessage", channel=bot.far.channels["infra"], text="hi")
    await bot.far.quiet()
    [event] = bot.events()
    assert (event["user"], event["text"]) == (bot.far.bot_user, "hi")


async def test_a_click_has_a_trigger_for_a_modal_and_a_way_to_answer(bot: Bot) -> None:
    infra, ana = bot.far.channels["infra"], bot.far.people["ana"]
    element = button("Reject")
    bot.far.echoes = False
    posted = await bot.call("chat.postMessage", channel=infra, text="card", blocks=row(element))

    async def answer(got: Delivered) -> web.Response:
        payload = _payload(got)
        if payload["type"] == "block_actions":
            opened = await bot.call("views.open", trigger_id=payload["trigger_id"], view=_FORM)
            assert opened["ok"], opened
            again = await bot.call("views.open", trigger_id=payload["trigger_id"], view=_FORM)
            assert not again["ok"]
            url = payload["response_url"]
            for _ in range(6):
                await bot.far.http.post(url, json={"text": "only you"})
        return web.Response()

    bot.heard.answers = answer
    press = await ana.clicks(infra, posted["message"], element)
    assert press.modal is not None
    await ana.submits(press.modal, {"reason": "too big"})
    clicked, submitted = (_payload(got) for got in bot.heard.delivered)
    assert clicked["actions"][0]["value"] == "1"
    assert clicked["container"]["message_ts"] == posted["ts"]
    assert submitted["view"]["state"]["values"]["in.reason"]["v"]["value"] == "too big"
    told = bot.far.workspace.ephemerals
    assert told == [Ephemeral(infra, ana.id, "", {"text": "only you"})] * 5


async def test_a_modal_is_shown_to_who_pressed_for_it(bot: Bot) -> None:
    """Two press at the same time, and the first one's opens last."""
    infra, element = bot.far.channels["infra"], button("Reject")
    people = [bot.far.people[name] for name in ("ana", "omar")]
    bot.far.echoes = False
    posted = await bot.call("chat.postMessage", channel=infra, text="card", blocks=row(element))
    second = asyncio.Event()

    async def answer(got: Delivered) -> web.Response:
        payload = _payload(got)
        if payload["user"]["id"] == people[0].id:
            await second.wait()
        view = {**_FORM, "private_metadata": payload["user"]["id"]}
        await bot.call("views.open", trigger_id=payload["trigger_id"], view=view)
        second.set()
        return web.Response()

    bot.heard.answers = answer
    pressed = await asyncio.gather(*(p.clicks(infra, posted["message"], element) for p in people))
    shown = [press.modal and press.modal["private_metadata"] for press in pressed]
    assert shown == [person.id for person in people]


async def test_the_emulator_can_be_down_slow_and_forgetful_of_answers(bot: Bot) -> None:
    infra = bot.far.channels["infra"]
    bot.far.faults.add(Answers(503))
    bot.far.faults.add(Dropped())
    async with bot.far.http.post(f"{bot.far.site.url}/api/chat.postMessage") as answer:
        assert answer.status == 503
    with pytest.raises(aiohttp.ClientError):
        await bot.call("chat.postMessage", channel=infra, text="dropped")
    assert [one.message["text"] for one in bot.far.workspace.shown] == ["dropped"]
    await bot.far.site.down()
    with pytest.raises(aiohttp.ClientConnectorError):
        await bot.call("auth.test")
    await bot.far.site.up()
    assert (await bot.call("auth.test"))["ok"]


async def test_people_have_addresses_that_are_confirmed_unless_told_otherwise(bot: Bot) -> None:
    ana = bot.far.people["ana"]
    user = (await bot.call("users.info", user=ana.id))["user"]
    assert (user["profile"]["email"], user["is_email_confirmed"]) == ("ana@contoso.example", True)
    bot.far.proxy.facts[ana.id] = {"is_restricted": True}
    assert (await bot.call("users.info", user=ana.id))["user"]["is_restricted"]


async def test_commands_shortcuts_and_the_home_tab(bot: Bot) -> None:
    infra, ana = bot.far.channels["infra"], bot.far.people["ana"]
    await asyncio.gather(ana.command(infra, "help"), ana.shortcut("ask"), ana.opens_home())
    bodies = [got.body.decode() for got in bot.heard.delivered]
    command = next(urllib.parse.parse_qs(b) for b in bodies if b.startswith("token"))
    assert (command["command"], command["text"]) == (["/signoff"], ["help"])
    assert any("app_home_opened" in body for body in bodies)
    assert any("shortcut" in body for body in bodies)


def _payload(got: Delivered) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(urllib.parse.parse_qs(got.body.decode())["payload"][0])
    return payload
