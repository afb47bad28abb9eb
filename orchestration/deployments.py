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
from orchestration.deployment import Deployment
from orchestration.errors import TemporaryError
from orchestration.index import Index
from orchestration.outbox import Message, Voice, perhaps
from orchestration.paging import all_waiting
from orchestration.places import Place
from orchestration.ports import Clock, Conflict, DeploymentId, Directory, NotFound, Stale, Store
from orchestration.recent import Recent
from orchestration.transitions import People

_ATTEMPTS = 20
_REMEMBERED = 200


class Deployments:
    """The deployments of one organisation.

    A change is decided on what was read and written only if that is still so; otherwise it is
    read and decided again.
    """

    def __init__(
        self, store: Store, clock: Clock, directory: Directory, organisation: str, voice: Voice
    ) -> None:
        self.store = store
        self.clock = clock
        self.organisation = organisation
        self.voice = voice
        self.index = Index(store, organisation)
        self._directory = directory
        self._recent: Recent[DeploymentId, records.Loaded] = Recent(_REMEMBERED)
        self._changing: WeakValueDictionary[DeploymentId, asyncio.Lock] = WeakValueDictionary()

    async def get(self, id: DeploymentId, *, version: int | None = None) -> Deployment:
        """As it is now; as it was at that version or later will do.

        Raises: NotFound.
        """
        known = None if version is None else self._recent.get(id, version)
        return known.deployment if known else (await self.loaded(id)).deployment

    async def loaded(self, id: DeploymentId) -> records.Loaded:
        """As it is now, with its version. Raises: NotFound."""
        known = self._recent.get(id, 0)
        if known:
            read = await records.load_since(self.store, known)
        else:
            read = await records.load(self.store, id)
        self._recent.put(id, read.version, read)
        return read

    async def create(self, deployment: Deployment, event: Event) -> bool:
        """Store a new deployment; False when it is there already (the request was repeated)."""
        id = deployment.id
        claim = await self.voice.claim(Place(records.CONTAINER, id))
        change = records.Change([event], announcements(None, deployment, ()), claim)
        try:
            stored = await records.create(self.store, deployment, change, operation=uuid4().hex)
        except Conflict:
            return False
        await self.index.list(deployment)  # the engine does when it looks, if this does not
        self._tell(stored, alone=True)
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
            before = await self.loaded(id)
            if once and await records.was_done(self.store, id, once):
                return before.deployment
            after = transition(before.deployment)
            if after == before.deployment and not events:
                return after
            messages = announcements(before.deployment, after, await self._people())
            claim = await self.voice.claim(Place(records.CONTAINER, id))
            change = records.Change(events, [*replies, *messages], claim, once)
            at = self.clock.now()
            try:
                stored = await records.save(
                    self.store, before, after, change, at=at, operation=uuid4().hex
                )
            except (Stale, Conflict):
                continue
            except TemporaryError:
                place, said = Place(records.CONTAINER, id), perhaps(after.thread, claim)
                self.voice.tell(place, said, alone=False)
                raise
            self._tell(stored, alone=before.claim.is_over(claim.speaker, at))
            return stored.loaded.deployment
        raise TemporaryError(f"changing deployment {id}: {_ATTEMPTS} others came first")

    async def was_done(self, id: DeploymentId, once: str) -> bool:
        """Whether a change was stored `once` under that id, within the last days."""
        return await records.was_done(self.store, id, once)

    async def _people(self) -> People:
        return await self._directory.with_roles(frozenset(Role))

    async def newest(self, limit: int) -> list[Deployment]:
        """The newest ones, the newest first."""
        found = []
        for id in await self.index.newest(limit):
            with suppress(NotFound):  # listed, and not there yet
                found.append(await self.get(id))
        return found

    async def open(self) -> tuple[DeploymentId, ...]:
        """All deployments that have not ended."""
        found = await all_waiting(self.store, records.CONTAINER, records.OPEN)
        return tuple(map(DeploymentId, found))

    def _tell(self, stored: records.Stored, *, alone: bool) -> None:
        id = stored.loaded.deployment.id
        self._recent.put(id, stored.loaded.version, stored.loaded)
        if stored.speech:
            self.voice.tell(Place(records.CONTAINER, id), stored.speech, alone=alone)
