"""A thread's inbox: what people said and clicked, in the order it arrived, each event once.

`hot:in:<hash of the event's id>` waits in the thread's partition until the event is done; the
record of its turn, which is made by the same batch, tells a repeat that comes after that.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never
from uuid import uuid4

from approvals.principals import PrincipalId
from orchestration.messages import Attachment, Clicked, EventId, Inbound, Said, ThreadId
from orchestration.paging import all_waiting
from orchestration.ports import Clock, Conflict, Create, Delete, Document, NotFound, Store

CONTAINER = "threads"
WAITS = "in"
_PREFIX = "hot:in:"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that waits since it arrived."""

    event: Inbound
    arrived: datetime

    @property
    def id(self) -> str:
        return f"{_PREFIX}{event_hash(self.event.event)}"


class Inbox:
    """The inboxes of all threads; any number of processes may share them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._last = 0

    async def put(self, event: Inbound) -> bool:
        """Keep an event; when this returns it is safe to acknowledge. False if it waits already."""
        entry = Entry(event, self._clock.now())
        self._last += 1
        body = to_json(event) | {"arrived": entry.arrived.isoformat(), "n": self._last}
        write = Create(entry.id, body, waits=WAITS)
        try:
            await self._store.batch(CONTAINER, event.thread, [write], operation=uuid4().hex)
        except Conflict:
            return False
        return True

    async def knows(self, thread: ThreadId) -> bool:
        """Whether there is anything of the thread."""
        return bool((await self._store.find(CONTAINER, thread, limit=1)).documents)

    async def waiting(self) -> list[ThreadId]:
        """The threads in which an event waits, e.g. because its process died."""
        found = await all_waiting(self._store, CONTAINER, WAITS)
        return [ThreadId(thread) for thread in found]

    async def done(self, entry: Entry) -> None:
        """Take the event out; a no-op if it is out already."""
        writes = [finishing(entry)]
        try:
            await self._store.batch(CONTAINER, entry.event.thread, writes, operation=uuid4().hex)
        except NotFound:
            return


def entries_in(documents: tuple[Document, ...]) -> list[Entry]:
    """The events that wait among the documents of a thread, in the order they arrived."""
    waiting = [document.body for document in documents if document.id.startswith(_PREFIX)]
    found = [
        (datetime.fromisoformat(body["arrived"]), int(body["n"]), from_json(body))
        for body in waiting
    ]
    return [Entry(event, at) for at, _, event in sorted(found, key=lambda one: one[:2])]


def finishing(entry: Entry) -> Delete:
    """The write that takes an event out, to be one batch with what the turn has to save.

    That batch raises NotFound if the event is out already: another process has done the turn.
    """
    return Delete(entry.id)


def event_hash(event: EventId) -> str:
    """Of one length and plain letters, whatever a vendor's event id looks like."""
    return hashlib.sha256(event.encode()).hexdigest()[:32]


def to_json(event: Inbound) -> dict[str, Any]:
    """An event as it is stored."""
    body: dict[str, Any] = {
        "event": event.event,
        "thread": event.thread,
        "by": event.by,
        "at": event.at.isoformat(),
    }
    match event:
        case Said():
            files = [{"name": file.name, "text": file.text} for file in event.files]
            return {"kind": "said", **body, "text": event.text, "files": files}
        case Clicked():
            filled = {"data": dict(event.data), "inputs": dict(event.inputs)}
            return {"kind": "clicked", **body, "verb": event.verb, **filled}
        case _:
            assert_never(event)


def from_json(body: Mapping[str, Any]) -> Inbound:
    """Raises: KeyError, ValueError - it is not what `to_json` made."""
    event, thread = EventId(body["event"]), ThreadId(body["thread"])
    by, at = PrincipalId(body["by"]), datetime.fromisoformat(body["at"])
    match body["kind"]:
        case "said":
            files = tuple(Attachment(**file) for file in body.get("files", ()))
            return Said(event, thread, by, body["text"], at, files)
        case "clicked":
            return Clicked(event, thread, by, body["verb"], at, body["data"], body["inputs"])
        case kind:
            raise ValueError(f"an event of an unknown kind: {kind!r}")
