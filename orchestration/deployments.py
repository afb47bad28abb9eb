"""All deployments: find one, change one. What people must see is stored in the same batch."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from uuid import uuid4
from weakref import WeakValueDictionary

from approvals.audit import Event
from approvals.principals import Role
from orchestration import records
from orchestration.announcing import announcements
from orchestration.backlog import Backlog, Place
from orchestration.deployment import Deployment
from orchestration.errors import TemporaryError
from orchestration.outbox import Message
from orchestration.ports import (
    Clock,
    Conflict,
    Delete,
    DeploymentId,
    Directory,
    NotFound,
    Put,
    Stale,
    Store,
    Write,
)
from orchestration.standing import is_final
from orchestration.transitions import People

ORGANISATIONS = "organisations"
_ATTEMPTS = 20


class Deployments:
    """The deployments of one organisation.

    A change is decided on what was read and written only if that is still so; otherwise it is
    read and decided again. Every open deployment is listed before it exists, so that none can be
    forgotten by the engine.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        directory: Directory,
        organisation: str,
        tell: Callable[[Place], None],
    ) -> None:
        """`tell` is called with the place where something has to be said, after it was stored."""
        self.store = store
        self.clock = clock
        self.organisation = organisation
        self.backlog = Backlog(store, clock, "pending")
        self._directory = directory
        self.tell = tell
        self._changing: WeakValueDictionary[DeploymentId, asyncio.Lock] = WeakValueDictionary()

    async def get(self, id: DeploymentId) -> Deployment:
        """Raises: NotFound."""
        return (await records.load(self.store, id)).deployment

    async def create(self, deployment: Deployment, event: Event) -> bool:
        """Store a new deployment; False when it is there already (the request was repeated)."""
        await self._list(_open(deployment.id))
        place = Place(records.CONTAINER, deployment.id)
        await self.backlog.mark(place)
        change = records.Change([event], announcements(None, deployment, ()))
        new = await self._stored(deployment, change)
        await self._list(_past(await self.get(deployment.id)))  # as it was stored the first time
        if new:
            self.tell(place)
        return new

    async def _stored(self, deployment: Deployment, change: records.Change) -> bool:
        try:
            await records.create(self.store, deployment, change, operation=f"new:{deployment.id}")
        except Conflict:
            return False
        return True

    async def change(
        self,
        id: DeploymentId,
        transition: Callable[[Deployment], Deployment],
        events: Sequence[Event] = (),
        replies: Sequence[Message] = (),
        *,
        once: str | None = None,
    ) -> Deployment:
        """Apply a pure transition and store its outcome, with the audit events and with what is
        to be said besides the card; the transition may fill both. What was stored `once` under
        that id is not done again.

        Raises: whatever the transition raises; TemporaryError - too many others write.
        """
        async with self._changing.setdefault(id, asyncio.Lock()):
            return await self._change(id, transition, events, replies, once or "")

    async def _change(
        self,
        id: DeploymentId,
        transition: Callable[[Deployment], Deployment],
        events: Sequence[Event],
        replies: Sequence[Message],
        once: str,
    ) -> Deployment:
        for _ in range(_ATTEMPTS):
            before = await records.load(self.store, id)
            if once and await records.was_done(self.store, id, once):
                return before.deployment
            after = transition(before.deployment)
            if after == before.deployment and not events:
                return after
            place = Place(records.CONTAINER, id)
            await self.backlog.mark(place)
            messages = announcements(before.deployment, after, await self._people())
            change = records.Change(events, [*replies, *messages], once)
            reopened = is_final(before.deployment) and not is_final(after)
            if reopened:
                await self._list(_open(id))
            try:
                at = self.clock.now()
                saved = await records.save(
                    self.store, before, after, change, at=at, operation=uuid4().hex
                )
            except (Stale, Conflict):
                continue
            if reopened:  # `close` may have taken it for ended in between
                await self._list(_open(id))
            self.tell(place)
            return saved
        raise TemporaryError(f"changing deployment {id}: {_ATTEMPTS} others came first")

    async def _people(self) -> People:
        return await self._directory.with_roles(frozenset(Role))

    async def open(self) -> tuple[DeploymentId, ...]:
        """The deployments that have not ended, or only just."""
        return await self._listed("open:", limit=1000)

    async def past(self, limit: int) -> tuple[DeploymentId, ...]:
        """The newest deployments, the newest first."""
        return await self._listed("past:", limit=limit)

    async def newest(self, limit: int) -> list[Deployment]:
        """Those of `past` that exist."""
        found = []
        for id in await self.past(limit):
            with suppress(NotFound):
                found.append(await self.get(id))
        return found

    async def close(self, id: DeploymentId) -> None:
        """Take an ended deployment off the list of open ones, unless it is listed anew."""
        try:
            listed = await self.store.get(ORGANISATIONS, self.organisation, _open(id).id)
            if is_final(await self.get(id)):
                await self._list(Delete(listed.id, listed.etag))
        except (NotFound, Stale):
            return

    async def _list(self, *writes: Write) -> None:
        await self.store.batch(ORGANISATIONS, self.organisation, writes, operation=uuid4().hex)

    async def _listed(self, prefix: str, *, limit: int) -> tuple[DeploymentId, ...]:
        page = await self.store.find(ORGANISATIONS, self.organisation, prefix=prefix, limit=limit)
        return tuple(DeploymentId(document.body["deployment"]) for document in page.documents)


def _open(id: DeploymentId) -> Put:
    return Put(f"open:{id}", {"deployment": id})


def _past(deployment: Deployment) -> Put:
    newest_first = f"past:{_descending(deployment.at.timestamp())}:{deployment.id}"
    return Put(newest_first, {"deployment": deployment.id, "thread": deployment.thread})


def _descending(timestamp_s: float) -> str:
    """A key that sorts later times first; milliseconds, good until the year 2286."""
    return f"{10**13 - 1 - int(timestamp_s * 1000):013d}"
