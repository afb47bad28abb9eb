"""A thread's head: its session and, while a turn takes long, which process works on it.

Every write of a turn has the head's version as a condition: of two processes that answer at once,
one writes all and the other nothing. A process that expects to be long says so in the head, so that
others wait for it rather than do the same.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from orchestration.errors import TemporaryError
from orchestration.inbox import Entry, entries_in
from orchestration.messages import EventId, ThreadId
from orchestration.outbox import given_to_others
from orchestration.paging import all_in
from orchestration.ports import (
    Clock,
    Conflict,
    Create,
    Document,
    ETag,
    NotFound,
    Replace,
    Stale,
    Store,
    Write,
)
from orchestration.recent import Recent
from orchestration.sessions import Session, from_json, to_json, turn_id

CONTAINER = "threads"
HELD_S = 30.0
_HOT = "hot:"
_ID = "hot:head"


class Overtaken(TemporaryError):
    """Another process has answered in the thread; nothing was written."""


@dataclass(slots=True)
class Head:
    """As it was read or last written by us; without an etag there is none yet."""

    thread: ThreadId
    session: Session
    etag: ETag | None = None
    owner: str = ""
    until: datetime | None = None
    others_speak: bool = False
    """Whether others had something to say in the thread when it was read."""
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is going on in a thread."""

    head: Head
    waiting: list[Entry]


class Heads:
    """The heads of all threads, for one process: `owner` names it among those that are alive."""

    def __init__(self, store: Store, clock: Clock, owner: str) -> None:
        self._store = store
        self._clock = clock
        self._owner = owner
        self._recent: Recent[ThreadId, Session] = Recent()

    async def session(self, thread: ThreadId, *, said: int | None = None) -> Session:
        """The thread's session, a new one if there is none; one after it said `said` will do."""
        known = None if said is None else self._recent.get(thread, said)
        if known:
            return known
        try:
            return _session(await self._store.get(CONTAINER, thread, _ID))
        except NotFound:
            return Session(thread)

    async def look(self, thread: ThreadId, *, session: bool = False) -> Seen:
        """One read, but for a thread in which more than a thousand events wait. With `session` what
        others have stored since this process last did may be missing."""
        hot = all_in(self._store, CONTAINER, thread, prefix=_HOT, session=session)
        documents = tuple([document async for document in hot])
        found = next((one for one in documents if one.id == _ID), None)
        head = _head(thread, found) if found else Head(thread, Session(thread, uncarded=True))
        head.others_speak = given_to_others(documents, self._owner)
        return Seen(head, entries_in(documents))

    def held_elsewhere(self, head: Head) -> bool:
        ours = head.owner in ("", self._owner)
        return not ours and head.until is not None and self._clock.now() < head.until

    async def hold(self, head: Head) -> None:
        """Let others wait, for `HELD_S`; a no-op if they are waiting already, or if the session is
        being saved at this moment. Raises: Overtaken."""
        if head.owner or head.writing.locked():
            return
        until = self._clock.now() + timedelta(seconds=HELD_S)
        held = {"owner": self._owner, "until": until.isoformat()}
        try:
            await self._written(head, head.session, held, [])
        except Conflict as error:
            raise Overtaken(f"answering in {head.thread!r}: another process does") from error
        head.owner, head.until = self._owner, until

    async def save(
        self, head: Head, session: Session, writes: Sequence[Write]
    ) -> tuple[ETag | None, ...]:
        """Write the session, and the other writes, whose etags are returned.

        Raises: Overtaken - nothing was written; Conflict - one of the others exists already.
        """
        etags = await self._written(head, session, {}, writes)
        head.owner, head.until = "", None
        self._recent.put(session.thread, session.said, session)
        return etags

    async def answered(self, thread: ThreadId, event: EventId) -> bool:
        """Whether the record of a turn for the event is stored."""
        try:
            await self._store.get(CONTAINER, thread, turn_id(event))
        except NotFound:
            return False
        return True

    async def _written(
        self, head: Head, session: Session, held: dict[str, str], writes: Sequence[Write]
    ) -> tuple[ETag | None, ...]:
        body = {"session": to_json(session), **held}
        async with head.writing:
            first: Write = Replace(_ID, body, head.etag) if head.etag else Create(_ID, body)
            try:
                etag, *etags = await self._store.batch(
                    CONTAINER, head.thread, [first, *writes], operation=uuid4().hex
                )
            except (Stale, NotFound) as error:
                raise Overtaken(f"answering in {head.thread!r}: another process did") from error
            head.session, head.etag = session, etag
            return tuple(etags)


def _head(thread: ThreadId, found: Document) -> Head:
    until = found.body.get("until")
    return Head(
        thread,
        _session(found),
        found.etag,
        found.body.get("owner", ""),
        datetime.fromisoformat(until) if until else None,
    )


def _session(document: Document) -> Session:
    return from_json(document.body["session"])
