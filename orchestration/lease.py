"""Which process works on a thread: one at a time, and a late one cannot write any more.

The lease is one document in the thread's partition. Taking it over raises its epoch; `write` puts
the lease's own version into the batch as a condition, so that what a process writes after it lost
the lease, e.g. because it was frozen, fails as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from orchestration.errors import TemporaryError
from orchestration.messages import ThreadId
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

CONTAINER = "threads"
LEASE_S = 30.0
_ID = "lease"


class LeaseLost(TemporaryError):
    """Another process works on the thread now."""


@dataclass(slots=True)
class Lease:
    """Held until `expires` unless it is renewed; every `write` renews it."""

    thread: ThreadId
    epoch: int
    expires: datetime
    etag: ETag


class Leases:
    """Takes leases as `owner`, which names this process among those that are alive.

    An owner that comes back under its name gets its own lease again at once, in a new epoch.
    Tasks of one process keep each other out by other means.
    """

    def __init__(self, store: Store, clock: Clock, owner: str, *, lease_s: float = LEASE_S) -> None:
        self._store = store
        self._clock = clock
        self._owner = owner
        self._lease = timedelta(seconds=lease_s)

    async def acquire(self, thread: ThreadId) -> Lease | None:
        """The thread's lease, free or run out; None while another process holds it."""
        found = await self._find(thread)
        if found and self._held_by_another(found):
            return None
        epoch = found.body["epoch"] + 1 if found else 1
        body, expires = self._body(epoch)
        write = Replace(_ID, body, found.etag) if found else Create(_ID, body)
        try:
            (etag,) = await self._batch(thread, [write], uuid4().hex)
        except (Conflict, Stale):
            return None
        return Lease(thread, epoch, expires, etag)

    async def renew(self, lease: Lease) -> None:
        """Hold it for another while. Raises: LeaseLost."""
        await self.write(lease, [], operation=uuid4().hex)

    async def release(self, lease: Lease) -> None:
        """Let the next one have it now; a no-op if it is lost."""
        body = self._body(lease.epoch)[0] | {"expires": self._clock.now().isoformat()}
        try:
            await self._fenced(lease, body, [], uuid4().hex)
        except LeaseLost:
            return

    async def write(
        self, lease: Lease, writes: Sequence[Write], *, operation: str
    ) -> tuple[ETag | None, ...]:
        """`Store.batch` in the thread's partition, only if the lease is still ours; renews it.

        Raises: LeaseLost - nothing was written; and what `Store.batch` raises.
        """
        body, expires = self._body(lease.epoch)
        etags = await self._fenced(lease, body, writes, operation)
        lease.expires = expires
        return etags

    async def _fenced(
        self, lease: Lease, body: dict[str, Any], writes: Sequence[Write], operation: str
    ) -> tuple[ETag | None, ...]:
        while True:
            fence = Replace(_ID, body, lease.etag)
            try:
                etag, *etags = await self._batch(lease.thread, [fence, *writes], operation)
            except (Stale, NotFound):
                if not await self._refreshed(lease, fence.if_match):
                    raise
                continue
            lease.etag = etag
            return tuple(etags)

    async def _refreshed(self, lease: Lease, used: ETag) -> bool:
        """Whether the fence was to blame: `used` is an old version of a lease that is still ours.

        Raises: LeaseLost.
        """
        found = await self._find(lease.thread)
        if not found or (found.body["owner"], found.body["epoch"]) != (self._owner, lease.epoch):
            raise LeaseLost(f"working on thread {lease.thread!r}: another process took it over")
        lease.etag = found.etag
        return found.etag != used

    async def _find(self, thread: ThreadId) -> Document | None:
        try:
            return await self._store.get(CONTAINER, thread, _ID)
        except NotFound:
            return None

    async def _batch(self, thread: ThreadId, writes: Sequence[Write], operation: str) -> Any:
        return await self._store.batch(CONTAINER, thread, writes, operation=operation)

    def _held_by_another(self, found: Document) -> bool:
        expires = datetime.fromisoformat(found.body["expires"])
        return found.body["owner"] != self._owner and self._clock.now() < expires

    def _body(self, epoch: int) -> tuple[dict[str, Any], datetime]:
        expires = self._clock.now() + self._lease
        return {"owner": self._owner, "epoch": epoch, "expires": expires.isoformat()}, expires
