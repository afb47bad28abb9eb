"""How far a running apply is, told to the card without telling it too often."""

from datetime import datetime, timedelta
from uuid import uuid4

from orchestration.jobs.workshop import Workshop
from orchestration.messages import ThreadId
from orchestration.outbox import CardRef, entry_of, latest_write
from orchestration.places import Place
from orchestration.ports import ApplyProgress, DeploymentId, NotFound, Put, StepId, Store
from orchestration.records import CONTAINER

EVERY = timedelta(seconds=1)
_KEPT_S = 7 * 24 * 3600


class Progress:
    """Reports at most once a second; the state of the step itself always tells the end."""

    def __init__(self, shop: Workshop, deployment: DeploymentId, step: StepId) -> None:
        self._shop = shop
        self._deployment = deployment
        self._thread: ThreadId | None = None
        self._step = step
        self._told: datetime | None = None

    async def report(self, progress: ApplyProgress) -> None:
        now = self._shop.clock.now()
        if self._told and now - self._told < EVERY:
            return
        self._told = now
        deployments, id = self._shop.deployments, self._deployment
        body = {
            "done": progress.done,
            "total": progress.total,
            "current": list(progress.current),
        }
        place = Place(CONTAINER, id)
        claim = await deployments.voice.claim(place)
        self._thread = self._thread or (await deployments.get(id, version=0)).thread
        card = latest_write(self._thread, CardRef("deployment", id), claim)
        writes = [Put(f"progress:{self._step}", body, ttl_s=_KEPT_S), card]
        _, etag = await deployments.store.batch(CONTAINER, id, writes, operation=uuid4().hex)
        deployments.voice.tell(place, entry_of(card, etag), alone=False)


async def progress_of(store: Store, deployment: DeploymentId, step: StepId) -> ApplyProgress | None:
    """The last report of a step, None when there has been none."""
    try:
        body = (await store.get(CONTAINER, deployment, f"progress:{step}")).body
    except NotFound:
        return None
    return ApplyProgress(body["done"], body["total"], tuple(body["current"]))
