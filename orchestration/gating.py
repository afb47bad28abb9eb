"""Which gates of a plan are met by the decisions that name it."""

from approvals.gates import Moment
from approvals.principals import Principal
from approvals.quorum import Standing, all_met
from orchestration.deployment import Deployment, PlanRecord, Step


def quorum(
    deployment: Deployment,
    step: Step,
    record: PlanRecord,
    people: tuple[Principal, ...],
    moment: Moment = Moment.PLAN,
) -> Standing:
    """What decides whether the step may go on; `people` is everybody in the directory."""
    return Standing(
        gates=record.gates,
        decisions=deployment.decisions_on(step.id),
        digest=record.binding,
        requester=deployment.requester,
        people=people,
        moment=moment,
    )


def gates_met(
    deployment: Deployment,
    step: Step,
    record: PlanRecord,
    people: tuple[Principal, ...],
    moment: Moment,
) -> bool:
    """Whether everybody who must agree at this moment has; a plan without changes asks nobody."""
    asked = [gate for gate in record.gates if gate.moment is moment]
    if not asked:
        return moment is Moment.EXECUTION or not record.change.resources
    return all_met(quorum(deployment, step, record, people, moment))
