"""A thread's session: its draft, what came before, and its deployments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from orchestration.draft import Draft
from orchestration.messages import EventId, ThreadId
from orchestration.planner.desk import Command
from orchestration.ports import (
    Create,
    DeploymentId,
    ETag,
    NotFound,
    Put,
    Replace,
    Store,
    Write,
)

CONTAINER = "threads"
_UNDO_DEPTH = 10
_HISTORY_TURNS = 12


@dataclass(frozen=True, slots=True)
class Session:
    """`request` counts the requests of the thread: each has a draft card of its own.

    `answered` is the last event whose turn is stored; `pending` a command of that turn that has
    still to be carried out, with who gave it in `pending_by`.
    """

    draft: Draft = Draft()
    earlier: tuple[Draft, ...] = ()
    changes: tuple[str, ...] = ()
    request: int = 1
    turns: int = 0
    deployments: tuple[DeploymentId, ...] = ()
    answered: EventId = EventId("")
    pending: Command | None = None
    pending_by: str = ""

    @property
    def deployment(self) -> DeploymentId | None:
        return self.deployments[-1] if self.deployments else None

    def drafting(self, draft: Draft, *, undone: int = 0) -> "Session":
        """The session with another draft; the present one can be undone to."""
        if undone:
            return replace(self, draft=draft, earlier=self.earlier[:-undone])
        if draft == self.draft:
            return self
        return replace(self, draft=draft, earlier=(*self.earlier, self.draft)[-_UNDO_DEPTH:])

    def deploying(self, id: DeploymentId) -> "Session":
        if id in self.deployments:
            return self
        return replace(self, deployments=(*self.deployments, id)[-20:])


_ADAPTER = TypeAdapter(Session)


class Sessions:
    """Sessions by thread; each write is conditional on what was read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self, thread: ThreadId) -> tuple[Session, ETag | None]:
        try:
            document = await self._store.get(CONTAINER, thread, "session")
        except NotFound:
            return Session(), None
        return _ADAPTER.validate_python(document.body), document.etag

    async def save(
        self,
        thread: ThreadId,
        session: Session,
        etag: ETag | None,
        *,
        messages: Sequence[Mapping[str, Any]] = (),
        outgoing: Sequence[Write] = (),
        operation: str,
    ) -> ETag:
        """Store the session, the turn's messages and what is to be said, as one.

        Raises: Stale, Conflict - somebody else answered in the thread.
        """
        body = _ADAPTER.dump_python(session, mode="json")
        head = Replace("session", body, etag) if etag else Create("session", body)
        turn = [Put(f"turn:{session.turns:08d}", {"messages": list(messages)})] if messages else []
        writes: list[Write] = [head, *turn, *outgoing]
        etags = await self._store.batch(CONTAINER, thread, writes, operation=operation)
        assert etags[0] is not None
        return etags[0]

    async def history(self, thread: ThreadId) -> tuple[Mapping[str, Any], ...]:
        """The messages of the last turns, the oldest first."""
        page = await self._store.find(
            CONTAINER, thread, prefix="turn:", limit=_HISTORY_TURNS, descending=True
        )
        turns = reversed(page.documents)
        return tuple(message for turn in turns for message in turn.body["messages"])
