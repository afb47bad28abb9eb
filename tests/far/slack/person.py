"""Somebody at a client of Slack: mentions, writes, clicks, submits."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.far.reading import names
from tests.far.slack.delivery import Answer
from tests.far.slack.emulator import APP, BOT_TOKEN, TEAM, user_token

if TYPE_CHECKING:
    from tests.far.slack.far import SlackFarSide

_TRIGGER_S = 3.0
"""Source: Slack: a trigger_id is good for three seconds."""
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Press:
    """What became of a click: the bot's answer, and the modal that it opened."""

    answer: Answer
    modal: Mapping[str, Any] | None = None


class Person:
    def __init__(self, far: "SlackFarSide", name: str, id: str) -> None:
        self.name = name
        self.id = id
        self._far = far

    # ------------------------------------------------ talking

    async def mentions(self, channel: str, text: str, *, thread_ts: str = "") -> str:
        """Write to the bot in a channel; the message's ts. Slack tells of it in two events."""
        text = f"<@{self._far.bot_user}> {text}"
        event = await self._post(channel, text, thread_ts)
        await self.event({**event, "type": "app_mention"})
        await self.event({**event, "type": "message", "channel_type": "channel"})
        return str(event["ts"])

    async def says(self, channel: str, text: str, *, thread_ts: str = "") -> str:
        """Write in a channel or a thread of it, to nobody in particular; the message's ts."""
        event = await self._post(channel, text, thread_ts)
        await self.event({**event, "type": "message", "channel_type": "channel"})
        return str(event["ts"])

    async def writes(self, text: str, *, thread_ts: str = "") -> str:
        """Write to the bot in their direct messages; the message's ts."""
        event = await self._post(await self.direct(), text, thread_ts)
        await self.event({**event, "type": "message", "channel_type": "im"})
        return str(event["ts"])

    async def direct(self) -> str:
        """The channel of their direct messages with the bot."""
        opened = await self._call("conversations.open", users=self._far.bot_user)
        return str(opened["channel"]["id"])

    async def _post(self, channel: str, text: str, thread_ts: str) -> dict[str, Any]:
        more = {"thread_ts": thread_ts} if thread_ts else {}
        sent = await self._call("chat.postMessage", channel=channel, text=text, **more)
        said = {"user": self.id, "text": text, "ts": sent["ts"], "channel": channel, "team": TEAM}
        return {**said, "event_ts": sent["ts"], "client_msg_id": str(uuid4()), **more}

    async def event(self, event: Mapping[str, Any], *, id: str = "") -> Answer:
        """Let Slack tell the bot of an event; with the `id` of one before, once more."""
        return await self._far.delivery.event(envelope(self._far, event, id=id))

    async def opens_home(self) -> Answer:
        said = {"type": "app_home_opened", "user": self.id, "channel": await self.direct()}
        return await self.event({**said, "tab": "home", "event_ts": f"{time.time():.6f}"})

    # ------------------------------------------------ commands and shortcuts

    async def command(self, channel: str, text: str, command: str = "/signoff") -> Answer:
        return await self._far.delivery.command(
            {
                "token": "unused",
                "team_id": TEAM,
                "team_domain": "contoso",
                "channel_id": channel,
                "channel_name": "channel",
                "user_id": self.id,
                "user_name": self.name,
                "command": command,
                "text": text,
                "api_app_id": APP,
                "is_enterprise_install": "false",
                "response_url": self._far.response_url(self.id, channel),
                "trigger_id": await self._trigger(),
            }
        )

    async def shortcut(self, callback_id: str) -> Press:
        """A global one."""
        said = {"type": "shortcut", "callback_id": callback_id, "action_ts": f"{time.time():.6f}"}
        return await self._interact(said)

    async def message_shortcut(
        self, callback_id: str, channel: str, message: Mapping[str, Any]
    ) -> Press:
        ts = str(message["ts"])
        said = {"type": "message_action", "callback_id": callback_id, "message_ts": ts}
        url = self._far.response_url(self.id, channel, ts)
        where = {"channel": {"id": channel, "name": "channel"}, "message": message}
        return await self._interact({**said, **where, "response_url": url})

    # ------------------------------------------------ cards

    async def clicks(
        self,
        channel: str,
        message: Mapping[str, Any],
        element: Mapping[str, Any],
        *,
        chosen: str = "",
        opens: bool = False,
        **other: Any,
    ) -> Press:
        """Press a button of a message, or choose `chosen` in a menu. `opens`: a modal is waited
        for. `other` replaces fields of what is sent."""
        ts, thread = str(message["ts"]), str(message.get("thread_ts") or "")
        container = {"type": "message", "message_ts": ts, "channel_id": channel}
        if thread:
            container["thread_ts"] = thread
        said = {
            "type": "block_actions",
            "container": {**container, "is_ephemeral": False},
            "channel": {"id": channel, "name": "channel"},
            "message": message,
            "state": {"values": {}},
            "response_url": self._far.response_url(self.id, channel, ts, thread),
            "actions": [_action(message.get("blocks") or (), element, chosen)],
        }
        return await self._interact({**said, **other}, opens=opens)

    async def clicks_at_home(self, view: Mapping[str, Any], element: Mapping[str, Any]) -> Press:
        said = {
            "type": "block_actions",
            "view": view,
            "actions": [_action(view["blocks"], element)],
        }
        return await self._interact({**said, "container": {"type": "view", "view_id": view["id"]}})

    async def submits(self, view: Mapping[str, Any], values: Mapping[str, str]) -> Answer:
        """Fill in a modal and send it; `values` by block or action id, or a part of one.

        What is not named keeps what it starts with. A required field that stays empty is sent as
        well, which Slack's own clients do not do.
        """
        state: dict[str, Any] = {}
        for block in view["blocks"]:
            if block.get("type") == "input":
                element = block["element"]
                filled = {element["action_id"]: _state(element, _value(block, values))}
                state[block["block_id"]] = filled
        said = {"type": "view_submission", "view": {**view, "state": {"values": state}}}
        payload = {**self._who(), **said, "trigger_id": await self._trigger(), "response_urls": []}
        return await self._far.delivery.interaction(payload)

    async def _interact(self, payload: Mapping[str, Any], *, opens: bool = False) -> Press:
        known = len(self._far.workspace.opened)
        if "trigger_id" not in payload:
            payload = {**payload, "trigger_id": await self._trigger()}
        answer = await self._far.delivery.interaction({**self._who(), **payload})
        until = time.monotonic() + (_TRIGGER_S if opens else 0.0)
        trigger = str(payload["trigger_id"])
        modal = self._modal(known, trigger)
        while modal is None and time.monotonic() < until:
            await asyncio.sleep(0.02)
            modal = self._modal(known, trigger)
        return Press(answer, modal)

    def _modal(self, known: int, trigger: str) -> Mapping[str, Any] | None:
        """The modal opened for it since; it may come a moment after the acknowledgement."""
        opened = self._far.workspace.opened[known:]
        return next((one.view for one in opened if trigger and one.trigger == trigger), None)

    def _who(self) -> dict[str, Any]:
        user = {"id": self.id, "username": self.name, "name": self.name, "team_id": TEAM}
        team = {"id": TEAM, "domain": "contoso"}
        said = {"api_app_id": APP, "token": "unused", "team": team, "user": user}
        return {**said, "enterprise": None, "is_enterprise_install": False}

    async def _trigger(self) -> str:
        made = await self._far.emulator.call(
            "views.generateTriggerId", token=BOT_TOKEN, user_id=self.id
        )
        return str(made["trigger_id"])

    async def _call(self, method: str, **body: object) -> dict[str, Any]:
        return await self._far.emulator.call(method, token=user_token(self.name), **body)


def envelope(far: "SlackFarSide", event: Mapping[str, Any], *, id: str = "") -> dict[str, Any]:
    """An event as Slack wraps it; every one has an id of its own."""
    installed = {"enterprise_id": None, "team_id": TEAM, "user_id": far.bot_user, "is_bot": True}
    return {
        "token": "unused",
        "team_id": TEAM,
        "api_app_id": APP,
        "type": "event_callback",
        "event_id": id or f"Ev{next(_NUMBERS):08d}{uuid4().hex[:4].upper()}",
        "event_time": int(time.time()),
        "authorizations": [{**installed, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event": dict(event),
    }


def _action(blocks: Any, element: Mapping[str, Any], chosen: str = "") -> dict[str, Any]:
    """One entry of `actions`, as Slack makes it of what was pressed."""
    block = next((b for b in blocks if element in _elements(b)), {})
    said = {"action_id": element["action_id"], "block_id": block.get("block_id", "b1")}
    said |= {"type": element["type"], "action_ts": f"{time.time():.6f}"}
    if element["type"] == "button":
        said["text"] = element["text"]
        return said | ({"value": element["value"]} if "value" in element else {})
    options = element.get("options") or ()
    option = next(o for o in options if chosen in (o["value"], o["text"]["text"]))
    return said | {"selected_option": option}


def _elements(block: Mapping[str, Any]) -> list[Any]:
    found = [*(block.get("elements") or ()), block.get("accessory"), block.get("element")]
    children = [e for child in block.get("child_blocks") or () for e in _elements(child)]
    return [*found, *(block.get("actions") or ()), *children]


def _value(block: Mapping[str, Any], values: Mapping[str, str]) -> str | None:
    ids = (block["block_id"], block["element"]["action_id"])
    for name, value in values.items():
        if any(names(id, name) for id in ids):
            return value
    element = block["element"]
    start = element.get("initial_option") or {}
    return element.get("initial_value") or start.get("value")


def _state(element: Mapping[str, Any], value: str | None) -> dict[str, Any]:
    if element["type"] in {"static_select", "radio_buttons"}:
        options = element.get("options") or ()
        chosen = (o for o in options if value in (o["value"], o["text"]["text"]))
        return {"type": element["type"], "selected_option": next(chosen, None)}
    return {"type": element["type"], "value": value}
