"""All deployments: find one, change one. What people must see is stored in the same batch."""

from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from approvals.audit import Event
from approvals.principals import Role
from orchestration import records
from orchestration.announcing import announcements
from orchestration.backlog import Backlog, Place
from orchestration.deployment import Deployment
from orchestration.errors import TemporaryError
from orchestration.outbox import Message
from orchestration.ports import Clock, Conflict, DeploymentId, Directory, Put, Stale, Store
from orchestration.standing import is_final

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
        self._tell = tell

    async def get(self, id: DeploymentId) -> Deployment:
        """Raises: NotFound."""
        return (await records.load(self.store, id)).deployment

    async def create(self, deployment: Deployment, event: Event) -> bool:
        """Store a new deployment; False when it is there already (the request was repeated)."""
        newest_first = f"past:{_descending(deployment.at.timestamp())}:{deployment.id}"
        listed = [
            Put(f"open:{deployment.id}", {"deployment": deployment.id}),
            Put(newest_first, {"deployment": deployment.id, "thread": deployment.thread}),
        ]
        operation = f"list:{deployment.id}"
        await self.store.batch(ORGANISATIONS, self.organisation, listed, operation=operation)
        place = Place(records.CONTAINER, deployment.id)
        await self.backlog.mark(place)
        change = records.Change([event], announcements(None, deployment, {}))
        try:
            await records.create(self.store, deployment, change, operation=f"new:{deployment.id}")
        except Conflict:
            return False
        self._tell(place)
        return True

    async def change(
        self,
        id: DeploymentId,
        transition: Callable[[Deployment], Deployment],
        events: Sequence[Event] = (),
        replies: Sequence[Message] = (),
    ) -> Deployment:
        """Apply a pure transition and store its outcome, with the audit events and with what is
        to be said besides the card; the transition may fill both.

        Raises: whatever the transition raises; TemporaryError - too many others write.
        """
        for _ in range(_ATTEMPTS):
            before = await records.load(self.store, id)
            after = transition(before.deployment)
            if after == before.deployment and not events:
                return after
            place = Place(records.CONTAINER, id)
            await self.backlog.mark(place)
            messages = announcements(before.deployment, after, await self._names())
            change = records.Change(events, [*replies, *messages])
            try:
                at = self.clock.now()
                saved = await records.save(
                    self.store, before, after, change, at=at, operation=uuid4().hex
                )
            except Stale:
                continue
            self._tell(place)
            return saved
        raise TemporaryError(f"changing deployment {id}: {_ATTEMPTS} others came first")

    async def _names(self) -> Mapping[str, str]:
        return {p.id: p.name for p in await self._directory.with_roles(frozenset(Role))}

    async def open(self) -> tuple[DeploymentId, ...]:
        """The deployments that have not ended, or only just."""
        return await self._listed("open:", limit=1000)

    async def past(self, limit: int) -> tuple[DeploymentId, ...]:
        """The newest deployments, the newest first."""
        return await self._listed("past:", limit=limit)

    async def close(self, deployment: Deployment) -> None:
        """Take an ended deployment off the list of open ones."""
        if is_final(deployment):
            writes = [Put(f"open:{deployment.id}", {"deployment": deployment.id}, ttl_s=1)]
            await self.store.batch(ORGANISATIONS, self.organisation, writes, operation=uuid4().hex)

    async def _listed(self, prefix: str, *, limit: int) -> tuple[DeploymentId, ...]:
        page = await self.store.find(ORGANISATIONS, self.organisation, prefix=prefix, limit=limit)
        return tuple(DeploymentId(document.body["deployment"]) for document in page.documents)


def _descending(timestamp_s: float) -> str:
    """A key that sorts later times first; milliseconds, good until the year 2286."""
    return f"{10**13 - 1 - int(timestamp_s * 1000):013d}"
