"""A person in Slack: what they do reaches the bot as Slack would send it, signed."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.doubles.slack_api import BOT, CHANNEL, TEAM, SlackApi

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
Answer = tuple[int, str]


def signed(body: bytes, *, secret: str = SECRET, age_s: float = 0) -> dict[str, str]:
    """The headers with which Slack signs."""
    at = str(int(time.time() - age_s))
    digest = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}


def event_body(event: dict[str, Any], *, id: str = "Ev1", team: str = TEAM) -> dict[str, Any]:
    authorized = {"enterprise_id": None, "team_id": team, "user_id": BOT, "is_bot": True}
    return {
        "type": "event_callback",
        "token": "x",
        "team_id": team,
        "api_app_id": "A1",
        "event": event,
        "event_id": id,
        "event_time": int(time.time()),
        "authorizations": [{**authorized, "is_enterprise_install": False}],
    }


@dataclass
class Person:
    slack: SlackApi
    http: aiohttp.ClientSession
    bot: str
    user: str = "UANA"
    team: str = TEAM
    _events: int = 0

    async def send(
        self, body: bytes, content_type: str, headers: dict[str, str] | None = None
    ) -> Answer:
        given = {"Content-Type": content_type, **(signed(body) if headers is None else headers)}
        post = self.http.post(f"{self.bot}/slack/events", data=BytesIO(body), headers=given)
        async with post as answer:
            return answer.status, await answer.text()

    async def event(self, event: dict[str, Any], *, id: str = "") -> Answer:
        self._events += 1
        body = event_body(event, id=id or f"Ev{self.user}{self._events}", team=self.team)
        return await self.send(json.dumps(body).encode(), JSON)

    async def mentions(self, text: str, *, channel: str = CHANNEL, **more: Any) -> dict[str, Any]:
        """Write in a channel to the bot; Slack tells of it twice. The message."""
        message = self.slack.write(channel, self.user, f"<@{BOT}> {text}", **more)
        told = {**message, "channel": channel, "channel_type": "channel"}
        assert (await self.event({**told, "type": "app_mention"}))[0] == 200
        assert (await self.event(told))[0] == 200
        return message

    async def writes(self, text: str, *, channel: str = CHANNEL, **more: Any) -> Answer:
        """Write without mentioning anybody."""
        kind = "im" if channel.startswith("D") else "channel"
        message = self.slack.write(channel, self.user, text, **more)
        return await self.event({**message, "channel": channel, "channel_type": kind})

    async def clicks(
        self, message: dict[str, Any], label: str, *, channel: str = CHANNEL, **more: Any
    ) -> Answer:
        action = button(message, label)
        payload = {
            "type": "block_actions",
            **self._who(),
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel,
                "is_ephemeral": False,
                "thread_ts": message.get("thread_ts"),
            },
            "channel": {"id": channel},
            "message": message,
            "state": {"values": {}},
            "response_url": self.slack.url.replace("/api/", "/respond"),
            "actions": [{**action, "type": "button", "action_ts": "1.1", "block_id": "b"}],
            **more,
        }
        return await self.interacts(payload)

    async def submits(self, view: dict[str, Any], **answers: str) -> Answer:
        values = {
            block["block_id"]: {
                block["element"]["action_id"]: _filled(block, answers.get(block["block_id"]))
            }
            for block in view["blocks"]
            if block["type"] == "input"
        }
        filled = {**view, "id": "V1", "hash": "1", "state": {"values": values}}
        return await self.interacts({"type": "view_submission", **self._who(), "view": filled})

    async def uses(self, shortcut: str, **more: Any) -> Answer:
        kind = "message_action" if "message" in more else "shortcut"
        respond = {"response_url": self.slack.url.replace("/api/", "/respond")}
        return await self.interacts(
            {"type": kind, "callback_id": shortcut, **self._who(), **respond, **more}
        )

    async def interacts(self, payload: dict[str, Any]) -> Answer:
        return await self.send(urlencode({"payload": json.dumps(payload)}).encode(), FORM)

    async def commands(self, text: str, *, channel: str = CHANNEL) -> Answer:
        form = {
            "command": "/signoff",
            "text": text,
            "team_id": self.team,
            "channel_id": channel,
            "user_id": self.user,
            "trigger_id": self.slack.trigger(),
            "response_url": self.slack.url.replace("/api/", "/respond"),
            "is_enterprise_install": "false",
        }
        return await self.send(urlencode(form).encode(), FORM)

    def _who(self) -> dict[str, Any]:
        return {
            "team": {"id": self.team, "domain": "acme"},
            "user": {"id": self.user, "team_id": self.team},
            "api_app_id": "A1",
            "is_enterprise_install": False,
            "trigger_id": self.slack.trigger(),
        }


def button(message: dict[str, Any], label: str) -> dict[str, Any]:
    """The button of that label. Raises: AssertionError - a person sees no such button."""
    rows = (b["elements"] for b in message.get("blocks", []) if b["type"] == "actions")
    shown = {each["text"]["text"]: each for row in rows for each in row}
    assert label in shown, f"no button {label!r}, only {sorted(shown)}"
    return shown[label]


def _filled(block: dict[str, Any], answer: str | None) -> dict[str, Any]:
    kind = block["element"]["type"]
    match kind:
        case "static_select":
            chosen = {"text": {"type": "plain_text", "text": answer}, "value": answer}
            return {"type": kind, "selected_option": chosen if answer else None}
        case "conversations_select":
            return {"type": kind, "selected_conversation": answer}
        case _:
            return {"type": kind, "value": answer}
