"""How far a running apply is, told to the card without telling it too often; and its log."""

from datetime import datetime, timedelta
from uuid import uuid4

from orchestration.announcing import progressed
from orchestration.jobs.workshop import Workshop
from orchestration.outbox import marked
from orchestration.ports import ApplyProgress, DeploymentId, StepId
from orchestration.records import CONTAINER

EVERY = timedelta(seconds=1)


class Progress:
    """Reports at most once a second; the state of the step itself always tells the end."""

    def __init__(self, shop: Workshop, deployment: DeploymentId, step: StepId) -> None:
        self._shop = shop
        self._deployment = deployment
        self._step = step
        self._told: datetime | None = None
        self._lines: list[str] = []

    async def report(self, progress: ApplyProgress) -> None:
        now = self._shop.clock.now()
        if self._told and now - self._told < EVERY:
            return
        self._told = now
        store = self._shop.deployments.store
        await marked(store, CONTAINER, self._deployment)
        writes = progressed(self._deployment, self._step, progress, now)
        await store.batch(CONTAINER, self._deployment, writes, operation=uuid4().hex)

    def log(self, line: str) -> None:
        self._lines.append(line)

    async def keep_log(self, plan: int) -> None:
        name = f"logs/{self._deployment}/{self._step}-{plan:03d}-{uuid4().hex[:8]}.log"
        await self._shop.artifacts.put(name, "\n".join(self._lines).encode())
