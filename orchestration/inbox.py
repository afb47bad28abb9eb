"""A thread's inbox: what people said and clicked, in the order it arrived, each event once.

In the thread's partition there are two documents for an event: `inbox/entry/<sequence>` until it
is done, and `inbox/event/<hash of its id>`, which stays for a week so that repeats are no-ops.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never
from uuid import uuid4

from approvals.principals import PrincipalId
from orchestration.backlog import Backlog, Place
from orchestration.messages import Attachment, Clicked, EventId, Inbound, Said, ThreadId
from orchestration.ports import (
    Conflict,
    Create,
    Delete,
    Document,
    ETag,
    NotFound,
    Put,
    Store,
    Write,
)

CONTAINER = "threads"
REMEMBERED_S = 7 * 24 * 3600
"""How long a repeat of a finished event is recognised; surfaces repeat for hours at most."""
_ENTRY = "inbox/entry/"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that waits; `sequence` orders those that wait in its thread."""

    event: Inbound
    sequence: int
    etag: ETag


class Inbox:
    """The inboxes of all threads; any number of processes may share them."""

    def __init__(self, store: Store, backlog: Backlog) -> None:
        self._store = store
        self._backlog = backlog

    async def put(self, event: Inbound) -> bool:
        """Keep an event; when this returns it is safe to acknowledge. False for a repeat."""
        await self._backlog.mark(Place(CONTAINER, event.thread))
        known = _event_id(event.event)
        while True:
            writes = [
                Create(known, {"event": event.event}),
                Create(_entry_id(await self._last(event.thread) + 1), to_json(event)),
            ]
            try:
                await self._batch(event.thread, writes)
                return True
            except Conflict:
                if await self._exists(event.thread, known):
                    return False

    async def knows(self, thread: ThreadId) -> bool:
        """Whether there is anything of the thread."""
        return bool((await self._store.find(CONTAINER, thread, limit=1)).documents)

    async def next(self, thread: ThreadId) -> Entry | None:
        """The first event that is not done; it stays first until it is."""
        return next(iter(await self.entries(thread, limit=1)), None)

    async def entries(self, thread: ThreadId, *, limit: int = 100) -> list[Entry]:
        """The first events that are not done."""
        page = await self._store.find(CONTAINER, thread, prefix=_ENTRY, limit=limit)
        return [
            Entry(from_json(document.body), _sequence(document), document.etag)
            for document in page.documents
        ]

    async def done(self, thread: ThreadId, entry: Entry) -> None:
        """Take the event out; a no-op if it is out already."""
        try:
            await self._batch(thread, finishing(entry))
        except NotFound:
            return

    async def waiting(self) -> list[ThreadId]:
        """The threads in which an event waits, e.g. because its process died."""
        found = []
        for mark in await self._backlog.marks():
            thread = ThreadId(mark.place.partition)
            if await self.next(thread):
                found.append(thread)
            else:
                await self._backlog.clear(mark)
        return found

    async def _last(self, thread: ThreadId) -> int:
        page = await self._store.find(CONTAINER, thread, prefix=_ENTRY, limit=1, descending=True)
        return max(map(_sequence, page.documents), default=0)

    async def _exists(self, thread: ThreadId, id: str) -> bool:
        try:
            await self._store.get(CONTAINER, thread, id)
        except NotFound:
            return False
        return True

    async def _batch(self, thread: ThreadId, writes: list[Create] | list[Write]) -> None:
        await self._store.batch(CONTAINER, thread, writes, operation=uuid4().hex)


def finishing(entry: Entry) -> list[Write]:
    """The writes that take an event out, to be one batch with what the turn has to save.

    That batch raises NotFound if the event is out already: another process has done the turn.
    """
    known = Put(_event_id(entry.event.event), {"event": entry.event.event}, ttl_s=REMEMBERED_S)
    return [Delete(_entry_id(entry.sequence), entry.etag), known]


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


def _sequence(document: Document) -> int:
    return int(document.id.removeprefix(_ENTRY))


def _entry_id(sequence: int) -> str:
    return f"{_ENTRY}{sequence:012}"


def _event_id(event: EventId) -> str:
    """Of one length and plain letters, whatever a vendor's event id looks like."""
    return "inbox/event/" + hashlib.sha256(event.encode()).hexdigest()
