"""What a step has made and not deleted, from what its deployment knows."""

from collections.abc import Sequence
from itertools import zip_longest

from approvals.change import Action, Operation
from orchestration.deployment import (
    Approved,
    Awaiting,
    Confirming,
    Deployment,
    PlanRecord,
    Rejected,
    Step,
    StepState,
    Succeeded,
)


def holding(deployment: Deployment, step: Step) -> str:
    """The step's name with how many resources tearing it down takes away. An apply that was cut
    off may have made less than its plan; what was there before the step counts nowhere here."""
    if step.operation is Operation.DESTROY:
        return f"what is left of {step.name}"
    plans = deployment.plans_of(step.id)
    count = len(_made(plans, step.state))
    most = "" if isinstance(step.state, Succeeded) else "at most "
    before = " and what was there before" if plans and plans[0].seal.state.lineage else ""
    return f"{step.name} ({most}{count} resource{'' if count == 1 else 's'}{before})"


def _made(plans: Sequence[PlanRecord], state: StepState) -> set[str]:
    """Addresses. A plan that was made after an apply was cut off holds only the rest."""
    there: set[str] = set()
    for record, later in zip_longest(plans, plans[1:]):
        there |= {adopted.address for adopted in record.imports}
        if _was_begun(record, later, state):
            changes = record.change.resources
            there |= {c.address for c in changes if c.action in (Action.CREATE, Action.REPLACE)}
            there -= {c.address for c in changes if c.action is Action.DELETE}
    return there


def _was_begun(record: PlanRecord, later: PlanRecord | None, state: StepState) -> bool:
    """An apply moves Terraform's state, so that the plan after it was made against another one."""
    if later:
        return later.seal.state != record.seal.state
    return not isinstance(state, Awaiting | Approved | Confirming | Rejected)
