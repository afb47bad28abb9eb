"""Everything a job works with, and the order in which jobs use a workspace."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile

from approvals.audit import SYSTEM, Event
from approvals.organisation import Policy
from approvals.principals import Principal, Role
from capabilities.capability import Catalogue
from capabilities.values import Json
from orchestration.cards.facing import Facing
from orchestration.deployment import Deployment, Step
from orchestration.deployments import Deployments
from orchestration.errors import TemporaryError
from orchestration.jobs.log import RunId, kept_log
from orchestration.next_actions import wanted_jobs
from orchestration.ports import (
    ArtifactStore,
    Clock,
    DeploymentId,
    Directory,
    Engine,
    Inventory,
    NotFound,
    OnLine,
    PlanPolicy,
    PriceSource,
    Terraform,
)
from orchestration.records import Loaded
from orchestration.summaries import summarised
from orchestration.workspaces import Job, Turn, Workspaces


class Outcome(StrEnum):
    """What the engine does next: look at the store again, or wait until it is nudged."""

    DONE = "done"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Workshop:
    """The parts that jobs share."""

    deployments: Deployments
    workspaces: Workspaces
    catalogue: Catalogue
    policy: Policy
    terraform: Terraform
    inventory: Inventory
    artifacts: ArtifactStore
    prices: PriceSource
    plan_policy: PlanPolicy
    directory: Directory
    engine: Engine
    clock: Clock
    organisation: str
    subscription_id: str
    plan_max_age_s: float
    running: set[str] = field(default_factory=set)
    """The applies that run in this process right now, by job id."""

    async def people(self) -> tuple[Principal, ...]:
        return await self.directory.with_roles(frozenset(Role))

    async def take_turn(self, deployment: Deployment, step: Step, job_id: str) -> Turn:
        """Queue for the workspace; place 1 holds it."""
        asker = await self.directory.get(deployment.requester)
        by = asker.name if asker else deployment.requester
        job = Job(job_id, deployment.id, f"{step.name} of {deployment.id}, asked by {by}")
        turn = await self.workspaces.queue_up(step.workspace, job)
        if turn.place > 1 and await self._cleared(step, before=job_id):
            turn = await self.workspaces.queue_up(step.workspace, job)
        return turn

    async def _cleared(self, step: Step, *, before: str) -> bool:
        """Take jobs out of the queue whose deployment does not want them any more: the worker
        that should have left has died, or a person took back what was queued."""
        queue = await self.workspaces.queue(step.workspace)
        ahead = takewhile(lambda job: job.id != before, queue)
        left = [job.id for job in ahead if not await self._wanted(job)]
        for job_id in left:
            await self.workspaces.leave(step.workspace, job_id)
        return bool(left)

    async def _wanted(self, job: Job) -> bool:
        try:
            return job.id in wanted_jobs(await self.deployments.get(job.deployment))
        except NotFound:
            return False

    async def leave(self, step: Step, job_id: str) -> None:
        """Give the workspace up and tell those who wait for it; a lost nudge is made up for by
        their own timers."""
        for waiting in await self.workspaces.leave(step.workspace, job_id):
            await self.nudge(waiting)

    async def nudge(self, deployment: DeploymentId) -> None:
        try:
            await self.engine.nudge(deployment)
        except TemporaryError:
            return

    async def listed(self, loaded: Loaded) -> None:
        """Have the lists say what is to be read of the deployment now."""
        facing = Facing(await self.people(), {}, self.catalogue)
        summary = summarised(loaded.deployment, facing)
        await self.deployments.index.note(summary, loaded.version)

    def log(self, deployment: DeploymentId, run: RunId) -> AbstractAsyncContextManager[OnLine]:
        """Keeps what Terraform says in a run."""
        return kept_log(self.deployments.store, self.artifacts, self.clock, deployment, run)

    def event(self, step: Step, action: str, **detail: Json) -> Sequence[Event]:
        """One audit event by Signoff itself."""
        return [Event(self.clock.now(), SYSTEM, action, step.id, detail)]
