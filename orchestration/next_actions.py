"""What has to happen now, from a snapshot alone. The engine does what is named here."""

from dataclasses import dataclass
from enum import StrEnum

from orchestration.deployment import Applying, Approved, Deployment, Step, Succeeded, Unplanned
from orchestration.ports import DeploymentId, StepId
from orchestration.standing import stuck


class Do(StrEnum):
    PLAN = "plan"
    CONFIRM = "confirm"
    APPLY = "apply"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class NextAction:
    """`plan` is the number of the plan to make or to apply: with it an action has an identity."""

    do: Do
    step: StepId
    plan: int

    @property
    def key(self) -> str:
        return f"{self.do.value}/{self.step}/{self.plan}"


def next_actions(deployment: Deployment) -> tuple[NextAction, ...]:
    """The actions to be running; one that is already running is named again.

    What runs and is not named any more has to be stopped.
    """
    found = (_for_step(deployment, step) for step in deployment.steps)
    return tuple(action for action in found if action)


def wanted_jobs(deployment: Deployment) -> frozenset[str]:
    """The ids of the jobs that may be in a workspace's queue: any other has been left there."""
    running = (
        NextAction(Do.APPLY, step.id, step.state.plan)
        for step in deployment.steps
        if isinstance(step.state, Applying)
    )
    return frozenset(job_id(deployment.id, a) for a in (*next_actions(deployment), *running))


def job_id(deployment: DeploymentId, action: NextAction) -> str:
    return f"{deployment}/{action.key}"


def is_plan(job: str) -> bool:
    """Whether the job of that id makes a plan."""
    return job.partition("/")[2].startswith(f"{Do.PLAN.value}/")


def _for_step(deployment: Deployment, step: Step) -> NextAction | None:
    if stuck(deployment, step):
        return None
    match step.state:
        case Unplanned(number=number):
            return NextAction(Do.PLAN, step.id, number)
        case Approved(plan=plan, confirmed=confirmed) if _ready(deployment, step):
            ask = deployment.asks_again(step) and not confirmed
            return NextAction(Do.CONFIRM if ask else Do.APPLY, step.id, plan)
        case Applying(plan=plan):
            return NextAction(Do.STOP if deployment.cancelled_by else Do.APPLY, step.id, plan)
        case _:
            return None


def _ready(deployment: Deployment, step: Step) -> bool:
    return all(isinstance(deployment.step(n).state, Succeeded) for n in step.needs)
