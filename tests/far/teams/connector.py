"""The connector: what a bot calls to speak in Teams.

Source: Bot Framework REST API, Teams "Optimize your bot with rate limiting".
"""

import json
import time
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

from aiohttp import web

from tests.far.pace import Pace, Window
from tests.far.teams.adaptive import problems
from tests.far.teams.login import Login
from tests.far.teams.rooms import Message, Room, Rooms
from tests.far.teams.streaming import Streams, stream_info

LIMITS = (Window(7, 1.0), Window(8, 2.0), Window(60, 30.0), Window(1800, 3600.0))
"""Sends to one conversation by one bot."""
LARGEST = 100 * 1024
"""Bytes of an activity as UTF-16."""
ROOT = "/teams"


class Connector:
    """Answers like `smba.trafficmanager.net`; `strict` refuses what a client could not draw."""

    def __init__(
        self,
        rooms: Rooms,
        login: Login,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
        limits: tuple[Window, ...] = LIMITS,
        strict: bool = True,
    ) -> None:
        self._strict = strict
        self.rooms = rooms
        self.pace = Pace(limits, monotonic_s)
        self.problems: list[str] = []
        """What was refused because no client could draw it."""
        self.typing: list[str] = []
        """The conversations in which the bot was seen typing."""
        self.login = login
        self._streams = Streams()

    def mount(self, app: web.Application) -> None:
        conversations = f"{ROOT}/v3/conversations"
        activities = conversations + "/{conversation}/activities"
        app.router.add_post(conversations, self._guarded(self._create))
        app.router.add_post(activities, self._guarded(self._send))
        app.router.add_post(activities + "/{activity}", self._guarded(self._send))
        app.router.add_put(activities + "/{activity}", self._guarded(self._update))
        app.router.add_delete(activities + "/{activity}", self._guarded(self._delete))
        members = conversations + "/{conversation}/members"
        app.router.add_get(members, self._guarded(self._members))
        app.router.add_get(members + "/{member}", self._guarded(self._member))

    def _guarded(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        async def answer(request: web.Request) -> web.Response:
            if not self.login.knows(request.headers.get("Authorization", "")):
                said = {"message": "Authorization has been denied for this request."}
                return web.json_response(said, status=401)
            try:
                body = json.loads(await request.read() or b"{}")
            except ValueError:
                return _error(400, "BadSyntax", "The body is not JSON.")
            conversation = request.match_info.get("conversation")
            if conversation is None:
                return await handler(request, body)
            return await self._in_room(handler, request, conversation, body)

        return answer

    async def _in_room(
        self, handler: Callable[..., Any], request: web.Request, conversation: str, body: Any
    ) -> web.Response:
        found = self.rooms.find(conversation)
        if found is None or found[0].gone == 404:
            return _error(404, "ConversationNotFound", "Conversation not found.")
        if found[0].gone:
            text = "The bot is not part of the conversation roster."
            return _error(found[0].gone, "BotNotInConversationRoster", text)
        if request.method != "GET" and (wait := self.pace.wait_s(conversation)):
            return _too_many(wait)
        return await handler(request, body, *found)

    async def _create(self, request: web.Request, body: Mapping[str, Any]) -> web.Response:
        """A personal chat with the one member named, or a new thread in the channel named."""
        activity = body.get("activity")
        channel = (body.get("channelData") or {}).get("channel") or {}
        if "id" in channel:
            found = self.rooms.find(channel["id"])
        else:
            addresses = [member.get("id", "") for member in body.get("members") or []]
            room = self._chat_with(addresses[0]) if len(addresses) == 1 else None
            found = (room, "") if room else None
        if found is None or (found[0].kind == "channel" and not activity):
            return _error(400, "BadSyntax", "Incorrect conversation creation parameters")
        if wait := self.pace.wait_s(found[0].id):
            return _too_many(wait)
        if activity is None:
            return web.json_response({"id": found[0].id}, status=201)
        if refused := self._refused(activity):
            return refused
        message = self.rooms.post(found[0], "", self.rooms.bot, activity)
        where = self.rooms.where(found[0], message)
        return web.json_response({"id": where, "activityId": message.id}, status=201)

    def _chat_with(self, address: str) -> Room | None:
        member = self.rooms.member(address)
        if member is None:
            return None
        return self.rooms.personal(address) or self.rooms.open("personal", member)

    async def _send(
        self, request: web.Request, body: Mapping[str, Any], room: Room, thread: str
    ) -> web.Response:
        if refused := self._refused(body):
            return refused
        info = stream_info(body)
        if info is not None and (refused_stream := self._streams.refused(room, body, info)):
            return _error(403, "ContentStreamNotAllowed", refused_stream)
        if body.get("type") == "typing":
            return self._typed(body, room, info)
        if info is not None:
            self._streams.end(info)
        message = self.rooms.post(room, thread, self.rooms.bot, body)
        return web.json_response({"id": message.id}, status=201)

    def _typed(
        self, body: Mapping[str, Any], room: Room, info: Mapping[str, Any] | None
    ) -> web.Response:
        if info is None:
            self.typing.append(room.id)
            return web.json_response({}, status=202)
        known = info.get("streamId")
        return web.json_response(
            {"id": self._streams.go_on(body, info)}, status=202 if known else 201
        )

    async def _update(
        self, request: web.Request, body: Mapping[str, Any], room: Room, thread: str
    ) -> web.Response:
        message = room.messages.get(request.match_info["activity"])
        if refused := self._not_ours(message) or self._refused(body):
            return refused
        assert message is not None
        self.rooms.update(room, message, body)
        return web.json_response({"id": message.id})

    async def _delete(
        self, request: web.Request, body: Mapping[str, Any], room: Room, thread: str
    ) -> web.Response:
        message = room.messages.get(request.match_info["activity"])
        if refused := self._not_ours(message):
            return refused
        assert message is not None
        self.rooms.delete(room, message)
        return web.Response()

    async def _members(
        self, request: web.Request, body: Mapping[str, Any], room: Room, thread: str
    ) -> web.Response:
        return web.json_response([_account(member) for member in room.members])

    async def _member(
        self, request: web.Request, body: Mapping[str, Any], room: Room, thread: str
    ) -> web.Response:
        wanted = request.match_info["member"]
        for member in room.members:
            if wanted in (member.address, member.object_id):
                return web.json_response(_account(member))
        return _error(404, "MemberNotFoundInConversation", "Member not found in conversation.")

    def _not_ours(self, message: Message | None) -> web.Response | None:
        if message is None:
            return _error(404, "ActivityNotFoundInConversation", "The activity is not there.")
        if message.by != self.rooms.bot:
            return _error(403, "ForbiddenOperationException", "It is not the bot's own message.")
        return None

    def _refused(self, activity: Any) -> web.Response | None:
        """Why no client could show it, None if they can."""
        if not isinstance(activity, dict) or activity.get("type") not in {"message", "typing"}:
            return _error(400, "BadSyntax", "Activity without a known type.")
        if len(json.dumps(activity, ensure_ascii=False).encode("utf-16-le")) > LARGEST:
            return _error(413, "MessageSizeTooBig", "Message size too large.")
        if self._strict and (found := problems(activity)):
            self.problems += found
            return _error(400, "BadSyntax", "; ".join(found))
        return None


def _account(member: Any) -> dict[str, Any]:
    said = {"id": member.address, "name": member.name, "objectId": member.object_id}
    return {**said, "aadObjectId": member.object_id, "email": member.email, "userRole": "user"}


def _too_many(wait_s: float) -> web.Response:
    said = {"error": {"code": "TooManyRequests", "message": "API calls quota exceeded."}}
    headers = {"Retry-After": str(ceil(wait_s))}
    return web.json_response(said, status=429, headers=headers)


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)
