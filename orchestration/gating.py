"""Which gates of a plan are met by the decisions that name it."""

from collections.abc import Iterable

from approvals.gates import Moment
from approvals.principals import Principal
from approvals.quorum import Standing, all_met
from orchestration.deployment import Approved, Confirming, Deployment, PlanRecord, Step


def moment_of(step: Step) -> Moment:
    """The moment that a decision on the step counts for as it is now."""
    match step.state:
        case Confirming() | Approved(confirmed=True):
            return Moment.EXECUTION
        case _:
            return Moment.PLAN


def shown(deployment: Deployment, steps: Iterable[Step]) -> str:
    """What a card is about, for its buttons: `step=digest@moment,step=digest@moment`."""
    records = ((step, deployment.plan(step)) for step in steps)
    return ",".join(f"{s.id}={r.binding}@{moment_of(s)}" for s, r in records if r)


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
