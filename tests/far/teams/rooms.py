"""What Teams keeps: conversations, who is in them, and every version of every message."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

Kind = Literal["personal", "groupChat", "channel"]
Activity = Mapping[str, Any]

_THREAD = ";messageid="


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in Teams; `address` (`29:...`) is how this bot knows them."""

    address: str
    name: str
    object_id: str
    email: str = ""


@dataclass(slots=True)
class Message:
    """`versions` are activities, the newest last; empty once it was deleted."""

    id: str
    by: str
    versions: list[Activity]
    thread: str = ""
    """The root message's id, in a channel."""

    @property
    def newest(self) -> Activity:
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Shown:
    """What appeared in a conversation, in order: a version of a message."""

    conversation: str
    message: Message
    version: int
    activity: Activity
    at_s: float = field(default_factory=time.perf_counter, compare=False)


@dataclass(slots=True)
class Room:
    """A conversation. `id` of a channel is the channel's; its threads are in `Message.thread`."""

    id: str
    kind: Kind
    members: list[Member]
    messages: dict[str, Message] = field(default_factory=dict)
    gone: int = 0
    """What the bot is told instead of an answer: 403 (removed from it), 404 (it is gone)."""


class Rooms:
    """All conversations of one tenant, and what was shown in them."""

    def __init__(self, bot: str, now_s: Callable[[], float] = time.time) -> None:
        self.bot = bot
        """The bot's address, `28:<app id>`."""
        self.shown: list[Shown] = []
        self._rooms: dict[str, Room] = {}
        self._now = now_s
        self._last = 0
        self._number = count(1)

    def open(self, kind: Kind, *members: Member) -> Room:
        ends = {"personal": "", "groupChat": "@thread.v2", "channel": "@thread.tacv2"}
        starts = "a:1" if kind == "personal" else "19:"
        made = Room(f"{starts}{next(self._number):032x}{ends[kind]}", kind, list(members))
        self._rooms[made.id] = made
        return made

    def find(self, conversation: str) -> tuple[Room, str] | None:
        """The room and, where the id names one that exists, the thread in it."""
        id, _, thread = conversation.partition(_THREAD)
        room = self._rooms.get(id)
        if room is None or (thread and thread not in room.messages):
            return None
        return room, thread

    def of(self, message: str) -> tuple[Room, Message]:
        """The message of that id, and where it is."""
        room = next(room for room in self._rooms.values() if message in room.messages)
        return room, room.messages[message]

    def personal(self, address: str) -> Room | None:
        mine = (r for r in self._rooms.values() if r.kind == "personal")
        return next((r for r in mine if r.members[0].address == address), None)

    def member(self, address: str) -> Member | None:
        everybody = (m for room in self._rooms.values() for m in room.members)
        return next((m for m in everybody if m.address == address), None)

    def post(self, room: Room, thread: str, by: str, activity: Activity) -> Message:
        """Add a message; in a channel without a thread it starts one."""
        id = self._new_id()
        root = (thread or id) if room.kind == "channel" else ""
        message = Message(id, by, [], root)
        room.messages[id] = message
        self._add(room, message, activity)
        return message

    def update(self, room: Room, message: Message, activity: Activity) -> None:
        self._add(room, message, activity)

    def delete(self, room: Room, message: Message) -> None:
        del room.messages[message.id]
        message.versions.clear()

    def where(self, room: Room, message: Message) -> str:
        """The id of the conversation that a message is in."""
        return room.id + (_THREAD + message.thread if message.thread else "")

    def in_thread(self, conversation: str) -> list[Message]:
        """The messages there, the oldest first."""
        found = self.find(conversation)
        if found is None:
            return []
        room, thread = found
        return [m for m in room.messages.values() if not thread or m.thread == thread]

    def _add(self, room: Room, message: Message, activity: Activity) -> None:
        message.versions.append(activity)
        where = self.where(room, message)
        self.shown.append(Shown(where, message, len(message.versions), activity))

    def _new_id(self) -> str:
        """Milliseconds, as Teams does it; never the same one twice."""
        self._last = max(self._last + 1, int(self._now() * 1000))
        return str(self._last)
