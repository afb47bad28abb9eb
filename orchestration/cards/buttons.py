"""What can be pressed on a deployment card, and for whom it is meant."""

from collections.abc import Mapping, Sequence

from approvals.gates import Moment
from approvals.principals import PrincipalId
from orchestration.cards.deciders import deciders
from orchestration.cards.facing import Facing
from orchestration.cards.model import Button, InputField
from orchestration.deployment import (
    Approved,
    Awaiting,
    Confirming,
    Deployment,
    Kind,
    Step,
)
from orchestration.gating import moment_of, quorum, shown
from orchestration.standing import FINAL, standing

_REASON = InputField("reason", "Why, and what would have to change", required=True, long=True)


def deployment_buttons(deployment: Deployment, facing: Facing) -> tuple[Button, ...]:
    asked = [s for s in deployment.steps if isinstance(s.state, Awaiting | Confirming)]
    buttons: list[Button] = []
    if asked:
        buttons += _decisions(deployment, asked, facing)
    if len(asked) > 1:
        buttons += _single_decisions(deployment, asked, facing)
    buttons += _withdrawals(deployment, facing)
    if standing(deployment) not in FINAL:
        buttons.append(Button("Cancel", "cancel", {"deployment": deployment.id}, tone="subtle"))
    return (*buttons, *_afterwards(deployment))


def _decisions(deployment: Deployment, steps: Sequence[Step], facing: Facing) -> list[Button]:
    """For all that the person who clicks may decide."""
    data = _shown(deployment, steps)
    able = deciders(deployment, facing.people)
    confirm = all(isinstance(step.state, Confirming) for step in steps)
    yes = "Confirm" if confirm else "Approve"
    return [
        Button(yes, "approve", data, audience=able, tone="good"),
        Button("Reject", "reject", data, (_REASON,), able, "bad"),
    ]


def _single_decisions(
    deployment: Deployment, steps: Sequence[Step], facing: Facing
) -> list[Button]:
    """For one step of several."""
    data = _shown(deployment, steps)
    able = deciders(deployment, facing.people)
    names = [step.name for step in deployment.steps]
    called = tuple(s.name if names.count(s.name) == 1 else s.id for s in steps)
    which = InputField("step", "Which step", "", called, required=True)
    return [
        Button("Approve one", "approve", data, (which,), able),
        Button("Reject one", "reject", data, (which, _REASON), able),
    ]


def _shown(deployment: Deployment, steps: Sequence[Step]) -> Mapping[str, str]:
    return {"deployment": deployment.id, "step": "*", "shown": shown(deployment, steps)}


def _withdrawals(deployment: Deployment, facing: Facing) -> list[Button]:
    signed = {step.id: _signed(deployment, step, facing) for step in deployment.steps}
    able = frozenset(who for each in signed.values() for who in each)
    if not able:
        return []
    data = _shown(deployment, [step for step in deployment.steps if signed[step.id]])
    return [Button("Withdraw my approval", "withdraw", data, audience=able)]


def _signed(deployment: Deployment, step: Step, facing: Facing) -> frozenset[PrincipalId]:
    """Whose approval or confirmation stands and can still be taken back."""
    record = deployment.plan(step)
    if record is None or not isinstance(step.state, Awaiting | Approved | Confirming):
        return frozenset()
    moments = {Moment.PLAN, moment_of(step)}
    standings = (quorum(deployment, step, record, facing.people, each) for each in moments)
    return frozenset(who for each in standings for who in each.approvers)


def _afterwards(deployment: Deployment) -> list[Button]:
    state = standing(deployment)
    data = {"deployment": deployment.id}
    retry = Button("Retry what failed", "retry", data, tone="good")
    back = Button("Roll back", "roll_back", data)
    left = [back] if any(step.left_something for step in deployment.steps) else []
    match state:
        case "failed" | "partly":
            return [retry, *left]
        case "cancelled":
            return [Button("Retry", "retry", data, tone="good"), *left]
        case "rejected":
            return left
        case "succeeded" if deployment.kind is Kind.PROVISION:
            return [back, Button("Tear down", "destroy", data)]
        case _:
            return []
