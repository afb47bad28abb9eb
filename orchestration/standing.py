"""Where a deployment stands as a whole, derived from its steps."""

from orchestration.deployment import (
    Applying,
    Approved,
    Awaiting,
    Cancelled,
    Confirming,
    Deployment,
    Failed,
    Kind,
    Rejected,
    Step,
    Succeeded,
    Unplanned,
)

FINAL = frozenset({"succeeded", "partly", "failed", "rejected", "cancelled", "destroyed"})


def standing(deployment: Deployment) -> str:
    """One of planning, awaiting, queued, applying and the final states.

    A step behind one that ended badly waits for a retry and does not count as open.
    """
    states = [step.state for step in deployment.steps if not stuck(deployment, step)]
    if any(isinstance(state, Applying) for state in states):
        return "applying"
    if any(isinstance(state, Approved) for state in states):
        return "queued"
    if any(isinstance(state, Unplanned) for state in states):
        return "planning"
    if any(isinstance(state, Awaiting | Confirming) for state in states):
        return "awaiting"
    return _ended(deployment)


def _ended(deployment: Deployment) -> str:
    states = [step.state for step in deployment.steps]
    if all(isinstance(state, Succeeded) for state in states):
        return "destroyed" if deployment.kind is Kind.DESTROY else "succeeded"
    if any(isinstance(state, Succeeded) for state in states):
        return "partly"
    for kind, name in ((Failed, "failed"), (Rejected, "rejected"), (Cancelled, "cancelled")):
        if any(isinstance(state, kind) for state in states):
            return name
    raise AssertionError(f"deployment {deployment.id} has no steps")


def stuck(deployment: Deployment, step: Step) -> bool:
    """Whether the step waits for one that ended badly (at any distance)."""
    if isinstance(step.state, Applying | Succeeded | Failed | Rejected | Cancelled):
        return False
    return any(_broken(deployment, deployment.step(need)) for need in step.needs)


def _broken(deployment: Deployment, step: Step) -> bool:
    ended_badly = isinstance(step.state, Failed | Rejected | Cancelled)
    return ended_badly or stuck(deployment, step)


def is_final(deployment: Deployment) -> bool:
    return standing(deployment) in FINAL
