"""What a turn leaves in its thread, as one batch fenced by the thread's lease."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from uuid import uuid4

from orchestration.backlog import Backlog, Place
from orchestration.inbox import Entry, finishing
from orchestration.lease import Lease, Leases
from orchestration.outbox import Message, entries_for
from orchestration.ports import NotFound, Put, Write
from orchestration.sessions import CONTAINER, Session, session_write


class Writing:
    """Saves sessions with what has to be said because of them."""

    def __init__(self, leases: Leases, backlog: Backlog, tell: Callable[[Place], None]) -> None:
        """`tell` is called with the place where something has to be said, after it was stored."""
        self._leases = leases
        self._backlog = backlog
        self._tell = tell

    async def save(
        self,
        lease: Lease,
        session: Session,
        messages: Sequence[Message],
        *,
        done: Entry | None = None,
        turn: Put | None = None,
    ) -> Session:
        """The session as it is stored, with the record of its `turn`; the event that is `done`
        with it leaves the inbox. Nothing is written if that has left it already: another process
        has answered.

        Raises: LeaseLost - nothing was written.
        """
        if messages:
            await self._backlog.mark(Place(CONTAINER, lease.thread))
        session, order = session.speaking()
        writes: list[Write] = [
            session_write(session),
            *entries_for(lease.thread, messages, order=order),
            *(finishing(done) if done else ()),
            *((turn,) if turn else ()),
        ]
        with suppress(NotFound):
            await self._leases.write(lease, writes, operation=uuid4().hex)
        if messages:
            self._tell(Place(CONTAINER, lease.thread))
        return session

    async def finish(self, lease: Lease, entry: Entry) -> None:
        """Take the event out of the inbox; a no-op if it is out already."""
        with suppress(NotFound):
            await self._leases.write(lease, finishing(entry), operation=uuid4().hex)
