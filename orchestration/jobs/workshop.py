"""Everything a job works with, and the order in which jobs use a workspace."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from approvals.audit import SYSTEM, Event
from approvals.organisation import Policy
from approvals.principals import Principal, Role
from capabilities.capability import Catalogue
from capabilities.values import Json
from orchestration.deployment import Deployment, Step
from orchestration.deployments import Deployments
from orchestration.errors import TemporaryError
from orchestration.ports import (
    ArtifactStore,
    Clock,
    DeploymentId,
    Directory,
    Engine,
    Inventory,
    PlanPolicy,
    PriceSource,
    Terraform,
)
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
    """The owners whose apply runs in this process right now."""

    async def people(self) -> tuple[Principal, ...]:
        return await self.directory.with_roles(frozenset(Role))

    async def take_turn(self, deployment: Deployment, step: Step, job_id: str) -> Turn:
        """Queue for the workspace; place 1 holds it."""
        title = f"{step.name} of {deployment.id}"
        return await self.workspaces.queue_up(step.workspace, Job(job_id, deployment.id, title))

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

    def event(self, step: Step, action: str, **detail: Json) -> Sequence[Event]:
        """One audit event by Signoff itself."""
        return [Event(self.clock.now(), SYSTEM, action, step.id, detail)]
