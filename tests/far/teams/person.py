"""Somebody at a client of Teams: says, looks, presses."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import aiohttp

from tests.far.reading import names
from tests.far.teams.adaptive import Action, Element, actions, card_of
from tests.far.teams.rooms import Member, Message, Room

if TYPE_CHECKING:
    from tests.far.teams.far import TeamsFarSide

PATIENCE_S = 15.0
"""Source: Teams waits that long for the answer to an invoke, then delivers it once more."""
REFRESH = "refresh"
_BROKEN = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot answered; `status` 0 when it did not in time, after `deliveries` attempts."""

    status: int
    body: Any = None
    deliveries: int = 1
    taken_s: float = 0.0

    @property
    def card(self) -> Element | None:
        return self._value("card.adaptive")

    @property
    def message(self) -> str | None:
        """The line that only the person who pressed gets to read."""
        said = self._value("activity.message")
        return None if said is None else str(said)

    @property
    def error(self) -> str | None:
        said = self._value("error")
        return str(said.get("message")) if isinstance(said, dict) else None

    def _value(self, kind: str) -> Any:
        if not isinstance(self.body, dict):
            return None
        return self.body.get("value") if str(self.body.get("type", "")).endswith(kind) else None


class Person:
    def __init__(self, far: "TeamsFarSide", member: Member) -> None:
        self.member = member
        self._far = far

    # ------------------------------------------------ talking

    async def says(
        self,
        room: Room,
        text: str,
        *,
        thread: str = "",
        mention: bool = True,
        attachments: Sequence[Mapping[str, Any]] = (),
    ) -> Message:
        """Write, with a mention of the bot unless it is a personal chat; return the message.

        In a channel, without a thread it starts one. What does not mention the bot does not reach
        it, except in a personal chat.
        """
        mentioned = mention and room.kind != "personal"
        activity = self._message(text, mentioned, attachments)
        message = self._far.rooms.post(room, thread, self.member.address, activity)
        if mentioned or room.kind == "personal":
            await self.deliver(room, message, activity)
        return message

    def activity(self, room: Room, text: str) -> dict[str, Any]:
        """A message as it would be delivered, without anybody having written it."""
        said = self._message(text, room.kind != "personal", ())
        return {**said, **self._where(room, ""), "id": uuid4().hex}

    async def deliver(
        self, room: Room, message: Message, activity: Mapping[str, Any] | None = None
    ) -> Answer:
        """Bring a message to the bot, which may have had it before."""
        where = self._where(room, message.thread)
        return await self.post({**(activity or message.newest), **where, "id": message.id})

    def _message(
        self, text: str, mentioned: bool, attachments: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        bot = f"<at>{self._far.bot_name}</at>"
        said = {
            "type": "message",
            "text": f"{bot} {text}\n" if mentioned else text,
            "textFormat": "plain",
            "attachments": [{"contentType": "text/html", "content": f"<p>{text}</p>"}],
            "entities": [{"type": "clientInfo", "locale": "en-US", "platform": "Web"}],
            "locale": "en-US",
        }
        said["attachments"] += [dict(each) for each in attachments]
        if mentioned:
            who = {"id": self._far.rooms.bot, "name": self._far.bot_name}
            said["entities"].append({"type": "mention", "mentioned": who, "text": bot})
        return said

    # ------------------------------------------------ cards

    async def sees(self, room: Room, message: Message) -> Element | None:
        """The card of a message as this person's client draws it: refreshed if it is for them."""
        card = card_of(message.newest) if message.versions else None
        refresh = (card or {}).get("refresh") or {}
        if card is None or self.member.address not in (refresh.get("userIds") or ()):
            return card
        return await self.refreshed(room, message, card) or card

    async def refreshed(self, room: Room, message: Message, card: Element) -> Element | None:
        """Their own card, when their client asks for it by itself."""
        action = (card.get("refresh") or {}).get("action")
        if action is None:
            return None
        answer = await self._invoke(room, message, action, {}, trigger="automatic")
        return answer.card

    async def shows_own(self, room: Room, message: Message, card: Element) -> Element | None:
        """Their own card, when they press what everybody has for it."""
        own = [a for a in actions(card) if a.verb == REFRESH and a.kind == "Action.Execute"]
        if not own:
            return None
        return (await self.clicks(room, message, own[0])).card

    async def clicks(
        self,
        room: Room,
        message: Message,
        action: Action,
        inputs: Mapping[str, str] | None = None,
    ) -> Answer:
        """Press `Action.Execute`. `inputs` by their names, or by a part of their ids."""
        values = _filled(action, inputs or {})
        return await self._invoke(room, message, action.element, values, trigger="manual")

    async def submits(
        self,
        room: Room,
        message: Message,
        action: Action,
        inputs: Mapping[str, str] | None = None,
    ) -> Answer:
        """Press on a client that only knows `Action.Submit`: what it falls back to is a message."""
        element = action.element
        if action.kind == "Action.Execute":
            element = element.get("fallback") or {}
            assert isinstance(element, dict), "an old client shows nothing to press"
            assert element.get("type") == "Action.Submit", "an old client shows nothing to press"
        value = {**(element.get("data") or {}), **_filled(action, inputs or {})}
        said = {"type": "message", "value": value, "replyToId": message.id, "locale": "en-US"}
        return await self.post({**said, **self._where(room, message.thread), "id": f"f:{uuid4()}"})

    async def _invoke(
        self,
        room: Room,
        message: Message,
        element: Element,
        values: Mapping[str, str],
        *,
        trigger: str,
    ) -> Answer:
        data = element.get("data") or {}
        action = {"type": "Action.Execute", "verb": element.get("verb")}
        action |= {k: element[k] for k in ("id", "title") if k in element}
        said = {
            "type": "invoke",
            "name": "adaptiveCard/action",
            "value": {"action": {**action, "data": {**data, **values}}, "trigger": trigger},
            "replyToId": message.id,
            "id": f"f:{uuid4()}",
        }
        return await self.post({**said, **self._where(room, message.thread)})

    # ------------------------------------------------ the channel

    def _where(self, room: Room, thread: str) -> dict[str, Any]:
        far = self._far
        conversation: dict[str, Any] = {
            "id": room.id + (f";messageid={thread}" if thread else ""),
            "conversationType": room.kind,
            "tenantId": far.tenant,
        }
        channel: dict[str, Any] = {"tenant": {"id": far.tenant}}
        if room.kind != "personal":
            conversation["isGroup"] = True
        if room.kind == "channel":
            channel |= {"channel": {"id": room.id}, "team": {"id": far.team}}
            channel |= {"teamsChannelId": room.id, "teamsTeamId": far.team}
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        who = self.member
        return {
            "channelId": "msteams",
            "serviceUrl": far.service_url,
            "timestamp": now,
            "from": {"id": who.address, "name": who.name, "aadObjectId": who.object_id},
            "recipient": {"id": far.rooms.bot, "name": far.bot_name},
            "conversation": conversation,
            "channelData": channel,
        }

    async def post(self, activity: Mapping[str, Any]) -> Answer:
        """Deliver as the channel does: signed, and an invoke once more if nobody answers."""
        invoked = activity.get("type") == "invoke"
        answer = await self._attempt(activity, 1)
        for attempt, pause_s in enumerate((0.0,) if invoked else self._far.again_s, 2):
            if answer.status and (invoked or answer.status < _BROKEN):
                break
            await asyncio.sleep(pause_s)
            answer = await self._attempt(activity, attempt)
        return answer

    async def _attempt(self, activity: Mapping[str, Any], attempt: int) -> Answer:
        far = self._far
        headers = {"Authorization": f"Bearer {far.issuer.token(far.service_url)}"}
        patience = aiohttp.ClientTimeout(total=far.patience_s)
        began = time.perf_counter()
        try:
            async with far.http.post(
                f"{far.bot_url}/api/messages", json=activity, headers=headers, timeout=patience
            ) as response:
                text = await response.text()
                taken_s = time.perf_counter() - began
        except (TimeoutError, aiohttp.ClientError):
            return Answer(0, deliveries=attempt)
        body = json.loads(text) if text.startswith(("{", "[")) else None
        return Answer(response.status, body, attempt, taken_s)


def _filled(action: Action, given: Mapping[str, str]) -> dict[str, str]:
    """The values that go with an action: what was typed, else what stood there."""
    values = {each.id: each.value for each in action.inputs if each.value}
    for name, value in given.items():
        values[_id_of(action, name)] = value
    return values


def _id_of(action: Action, name: str) -> str:
    """The last input called so: a card's own inputs come after those around it."""
    for each in reversed(action.inputs):
        if names(each.id, name):
            return each.id
    raise AssertionError(f"there is no input {name!r} with {action.title!r}")
