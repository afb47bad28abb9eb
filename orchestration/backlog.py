"""Which partitions may have work waiting, so that a restart finds it without reading them all.

A partition is marked *before* the batch that gives it work. A mark is taken away once nothing
waits and the mark is older than `GRACE_S`, on the condition that nobody marked it again: by then
the batch that it announced has happened, or never will. So a crash leaves at worst a mark too many.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from uuid import uuid4

from orchestration.ports import Clock, Delete, Document, ETag, NotFound, Put, Stale, Store

CONTAINER = "outbox"
GRACE_S = 600
"""Far longer than any batch takes, its retries included."""
_FRESH = timedelta(seconds=GRACE_S / 2)
_REMEMBERED = 10_000

Kind: TypeAlias = Literal["pending", "inbox"]
"""What waits: messages to send, or events to work on. The partition that keeps the marks."""


@dataclass(frozen=True, slots=True)
class Place:
    """A partition of a container, e.g. of a thread or a deployment."""

    container: str
    partition: str


@dataclass(frozen=True, slots=True)
class Mark:
    place: Place
    at: datetime
    id: str
    etag: ETag


class Backlog:
    """The marks of one kind. A process does not repeat a mark that it made a short time ago."""

    def __init__(self, store: Store, clock: Clock, kind: Kind) -> None:
        self._store = store
        self._clock = clock
        self._kind = kind
        self._made: dict[Place, datetime] = {}

    async def mark(self, place: Place) -> None:
        """Note that `place` gets work; call it before the batch, again before each retry."""
        now = self._clock.now()
        made = self._made.get(place)
        if made is not None and now - made < _FRESH:
            return
        body = {
            "container": place.container,
            "partition": place.partition,
            "at": now.isoformat(),
        }
        write = Put(_id(place), body)
        await self._store.batch(CONTAINER, self._kind, [write], operation=uuid4().hex)
        if len(self._made) >= _REMEMBERED:
            self._made.clear()
        self._made[place] = now

    async def marks(self) -> list[Mark]:
        """All marks there are."""
        found: list[Mark] = []
        cursor: str | None = None
        while True:
            page = await self._store.find(CONTAINER, self._kind, cursor=cursor)
            found += map(_mark, page.documents)
            cursor = page.cursor
            if cursor is None:
                return found

    async def clear(self, mark: Mark) -> None:
        """Take away a mark, read before its place was found empty; a young one stays for now."""
        if self._clock.now() - mark.at < timedelta(seconds=GRACE_S):
            return
        try:
            write = Delete(mark.id, mark.etag)
            await self._store.batch(CONTAINER, self._kind, [write], operation=uuid4().hex)
        except (NotFound, Stale):
            return


def _id(place: Place) -> str:
    """Of one length and plain letters, whatever a vendor's thread id looks like."""
    return hashlib.sha256(f"{place.container}/{place.partition}".encode()).hexdigest()


def _mark(document: Document) -> Mark:
    body = document.body
    place = Place(body["container"], body["partition"])
    return Mark(place, datetime.fromisoformat(body["at"]), document.id, document.etag)
