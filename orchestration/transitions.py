"""The only functions that change a state. Each takes a deployment and gives the next one.

What a state forbids is refused with a `UserError` when a person asked for it, and with
`Superseded` when a worker came too late: its work no longer has a place in the deployment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from approvals.gates import Moment
from approvals.principals import Principal, PrincipalId
from capabilities.values import Json
from orchestration.deployment import (
    Applying,
    Approved,
    Awaiting,
    Cancelled,
    Confirming,
    Deployment,
    Failed,
    PlanRecord,
    Rejected,
    Step,
    StepDecision,
    StepState,
    Succeeded,
    Unplanned,
    plan_key,
    plan_number,
)
from orchestration.errors import SignoffError, UserError
from orchestration.gating import gates_met

People: TypeAlias = tuple[Principal, ...]
"""Everybody in the directory, with the roles they have now."""


MOST_ATTEMPTS = 10
"""Plans on one approval, after which an apply that is interrupted again ends as failed."""


class Superseded(SignoffError):
    """What a worker wants to record has been overtaken: a newer plan, a cancel, another attempt."""


def planned(deployment: Deployment, step: Step, record: PlanRecord, people: People) -> Deployment:
    """The step has a plan: it awaits decisions, or goes on when nothing has to be decided."""
    if not isinstance(step.state, Unplanned) or step.state.number != record.number:
        raise Superseded(f"plan {record.number} of {step.id} is no longer wanted")
    plans = {**deployment.plans, plan_key(step.id, record.number): record}
    awaiting = replace(step, state=Awaiting(record.number))
    return advanced(replace(deployment, plans=plans).with_step(awaiting), awaiting, people)


def decided(deployment: Deployment, decision: StepDecision, people: People) -> Deployment:
    """The decision counts from now on; the step goes on when its gates are met."""
    known = replace(deployment, decisions=(*deployment.decisions, decision))
    return advanced(known, known.step(decision.step), people)


def advanced(deployment: Deployment, step: Step, people: People) -> Deployment:
    """Move a step past the gates that are met, or back when a decision was withdrawn."""
    state = step.state
    record = deployment.plan(step)
    if record is None or not isinstance(state, Awaiting | Approved | Confirming):
        return deployment
    on_plan = gates_met(deployment, step, record, people, Moment.PLAN)
    on_turn = gates_met(deployment, step, record, people, Moment.EXECUTION)
    match state:
        case Awaiting(plan=plan) if on_plan:
            return deployment.with_step(replace(step, state=Approved(plan)))
        case Approved(plan=plan) | Confirming(plan=plan) if not on_plan:
            return deployment.with_step(replace(step, state=Awaiting(plan)))
        case Approved(plan=plan, confirmed=True) if not on_turn:
            return deployment.with_step(replace(step, state=Confirming(plan)))
        case Confirming(plan=plan) if on_turn:
            return deployment.with_step(replace(step, state=Approved(plan, confirmed=True)))
        case _:
            return deployment


def confirming(deployment: Deployment, step: Step) -> Deployment:
    """It is the step's turn, and somebody has to agree once more: now, whatever was said before."""
    if not isinstance(step.state, Approved):
        raise Superseded(f"{step.id} is not approved any more")
    state, made = Confirming(step.state.plan), len(deployment.decisions)
    return deployment.with_step(replace(step, state=state, confirmed_from=made))


def queued(deployment: Deployment, step: Step, *, place: int, behind: str) -> Deployment:
    if not isinstance(step.state, Approved):
        raise Superseded(f"{step.id} does not queue any more")
    return deployment.with_step(
        replace(step, state=replace(step.state, place=place, behind=behind))
    )


def applying(
    deployment: Deployment, step: Step, *, plan: int, owner: str, at: datetime, people: People
) -> Deployment:
    """The one and only start of a saved plan, whose gates are met at both moments."""
    if not isinstance(step.state, Approved) or step.state.plan != plan:
        raise Superseded(f"plan {plan} of {step.id} is not to be applied")
    if deployment.asks_again(step) and not step.state.confirmed:
        raise Superseded(f"plan {plan} of {step.id} has not been confirmed")
    if advanced(deployment, step, people) != deployment:
        raise Superseded(f"plan {plan} of {step.id} is not signed off any more")
    return deployment.with_step(replace(step, state=Applying(plan, owner, at), started=True))


def starved(deployment: Deployment, step: Step, failure: Failed) -> Deployment:
    """It is the step's turn, and what it needs from earlier steps never came."""
    if not isinstance(step.state, Approved) or step.state.plan != failure.plan:
        raise Superseded(f"plan {failure.plan} of {step.id} is not to be applied")
    return deployment.with_step(replace(step, state=failure))


def succeeded(
    deployment: Deployment, step: Step, *, owner: str, at: datetime, outputs: Mapping[str, Json]
) -> Deployment:
    running = _owned(step, owner)
    seconds = round((at - running.since).total_seconds(), 1)
    return deployment.with_step(replace(step, state=Succeeded(running.plan, at, seconds, outputs)))


def failed(deployment: Deployment, step: Step, failure: Failed, *, owner: str) -> Deployment:
    """Applying ended with an error that is known."""
    _owned(step, owner)
    return deployment.with_step(replace(step, state=failure))


def unplannable(deployment: Deployment, step: Step, failure: Failed, *, plan: int) -> Deployment:
    """Making plan number `plan` ended with an error that is known."""
    if not isinstance(step.state, Unplanned) or step.state.number != plan:
        raise Superseded(f"plan {plan} of {step.id} is no longer wanted")
    return deployment.with_step(replace(step, state=failure))


def interrupted(deployment: Deployment, step: Step, *, plan: int, at: datetime) -> Deployment:
    """An apply was cut off and its outcome is unknown: look up what exists and plan again.

    A cancelled one stays as it is until somebody retries it, and one that is cut off again and
    again ends as failed.
    """
    if not isinstance(step.state, Applying) or step.state.plan != plan:
        raise Superseded(f"plan {plan} of {step.id} is not running")
    return deployment.with_step(
        replace(step, state=_after_interruption(deployment, step, plan, at))
    )


def _after_interruption(deployment: Deployment, step: Step, plan: int, at: datetime) -> StepState:
    if deployment.cancelled_by:
        return Cancelled(plan, deployment.cancelled_by, at, started=True)
    record = deployment.plan(step)
    same = [r for r in deployment.plans_of(step.id) if record and r.binding == record.binding]
    if len(same) >= MOST_ATTEMPTS:
        summary = f"it was interrupted {len(same)} times; retry it when the cause is gone"
        return Failed(plan, at, "apply", summary)
    why = "the apply was interrupted; what exists was looked up"
    return Unplanned(plan + 1, why, interrupted=True)


def stopped(deployment: Deployment, step: Step, *, owner: str, at: datetime) -> Deployment:
    """A running apply was asked to stop and Terraform has gone."""
    return interrupted(deployment, step, plan=_owned(step, owner).plan, at=at)


def unsealed(deployment: Deployment, step: Step, *, plan: int, why: str) -> Deployment:
    """The saved plan no longer fits the world: plan again, keeping the approvals if it is equal."""
    if not isinstance(step.state, Approved | Awaiting | Confirming) or step.state.plan != plan:
        raise Superseded(f"{step.id} has no plan {plan} to renew")
    state = Unplanned(plan + 1, why, interrupted=_adopts(deployment, step))
    return deployment.with_step(replace(step, state=state))


def rejected(deployment: Deployment, step: Step, decision: StepDecision) -> Deployment:
    said = decision.decision
    state = Rejected(plan_number(step.state), said.by, said.reason, said.at)
    known = replace(deployment, decisions=(*deployment.decisions, decision))
    return known.with_step(replace(step, state=state))


def cancelled(deployment: Deployment, *, by: PrincipalId, at: datetime) -> Deployment:
    """Whatever has not started ends here; what runs is interrupted by the worker.

    The requester may take it up again as it was signed off; when somebody else cancels, the
    sign-offs end with it.

    Raises: UserError - nothing is left to cancel.
    """
    open_states = Unplanned | Awaiting | Approved | Confirming
    waiting = [s for s in deployment.steps if isinstance(s.state, open_states)]
    running = [s for s in deployment.steps if isinstance(s.state, Applying)]
    if not waiting and not running:
        raise UserError(f"there is nothing left to cancel in {deployment.title!r}: it has ended")
    result = replace(deployment, cancelled_by=by)
    for step in waiting:
        state = Cancelled(plan_number(step.state), by, at)
        result = result.with_step(replace(step, state=state))
    kept = by == deployment.requester
    return replace(result, steps=tuple(_unsigned(deployment, s, kept=kept) for s in result.steps))


def _unsigned(deployment: Deployment, step: Step, *, kept: bool) -> Step:
    """The step without its confirmations, and without its sign-offs unless they are `kept`."""
    if isinstance(step.state, Succeeded):
        return step
    made = len(deployment.decisions)
    decided_from = step.decided_from if kept else made
    return replace(step, decided_from=decided_from, confirmed_from=made)


def retried(deployment: Deployment, wanted: Sequence[str] = ()) -> Deployment:
    """Plan again what failed or was cancelled (of `wanted`, when given).

    Raises: UserError - nothing has failed, or it is still being stopped.
    """
    if deployment.cancelled_by and any(isinstance(s.state, Applying) for s in deployment.steps):
        raise UserError(f"{deployment.title!r} is still being stopped; retry when it has ended")
    again = [
        step
        for step in deployment.steps
        if isinstance(step.state, Failed | Cancelled)
        and (not wanted or {step.id, step.name, step.capability} & set(wanted))
    ]
    if not again:
        raise UserError("there is no failed or cancelled step to retry")
    result = replace(deployment, cancelled_by=None)
    for step in again:
        number = _next_number(deployment, step)
        result = result.with_step(replace(step, state=Unplanned(number, "retried", True)))
    return result


def revised(deployment: Deployment, steps: Sequence[Step], *, title: str) -> Deployment:
    """The request changed before anything ran: plan it again; sign-offs on what is equal hold.

    Raises: UserError - something has run already.
    """
    if any(not isinstance(s.state, Unplanned | Awaiting | Approved) for s in deployment.steps):
        raise UserError(f"{deployment.title!r} is running; change it when it has ended")
    present = {step.id: step for step in deployment.steps}
    same = present.keys() == {step.id for step in steps} and all(
        same_request(present[step.id], step) for step in steps
    )
    renewed = tuple(
        _revised_step(deployment, present.get(step.id), step, same=same) for step in steps
    )
    return replace(deployment, steps=renewed, title=title)


def _revised_step(deployment: Deployment, old: Step | None, new: Step, *, same: bool) -> Step:
    """Planned again unless all is the `same`: who has to sign depends on what all steps cost."""
    if old and same:
        return replace(_since(deployment, old, new), state=old.state)
    number = _next_number(deployment, old or new)
    if number == 1:
        return new
    adopts = old is not None and _adopts(deployment, old)
    new = _since(deployment, old, new)
    return replace(new, state=Unplanned(number, "the request changed", interrupted=adopts))


def _since(deployment: Deployment, old: Step | None, new: Step) -> Step:
    """What was said of a step that had been dropped does not count when it comes back."""
    made = len(deployment.decisions)
    decided_from, confirmed_from = (old.decided_from, old.confirmed_from) if old else (made, made)
    return replace(new, decided_from=decided_from, confirmed_from=confirmed_from)


def same_request(one: Step, other: Step) -> bool:
    """Whether a plan of one is a plan of the other."""
    return _asked(one) == _asked(other)


def _asked(step: Step) -> tuple[object, ...]:
    return (step.values, step.workspace, step.operation, step.inputs, step.target)


def _next_number(deployment: Deployment, step: Step) -> int:
    """A number that no plan of the step has had, nor one that is being made for other values."""
    made = [record.number for record in deployment.plans_of(step.id)]
    in_work = [
        other.state.number
        for other in deployment.steps
        if other.id == step.id and isinstance(other.state, Unplanned)
    ]
    return max([0, *made, *in_work]) + 1


def _adopts(deployment: Deployment, step: Step) -> bool:
    """Whether something of the step may exist that its state does not know."""
    record = deployment.plan(step)
    unknown = isinstance(step.state, Unplanned) and step.state.interrupted
    return unknown or bool(record and (record.imports or record.change.may_leave_something))


def _owned(step: Step, owner: str) -> Applying:
    if not isinstance(step.state, Applying) or step.state.owner != owner:
        raise Superseded(f"{step.id} is no longer run by {owner}")
    return step.state


def broken(
    deployment: Deployment, step: Step, failure: Failed, *, plan: int, owner: str | None
) -> Deployment:
    """A fault of Signoff's own ends the step, unless something may have been applied already.

    `owner` is the attempt that met the fault, None when nobody runs the plan any more.
    """
    match step.state:
        case Applying(owner=by) if step.state.plan == plan and owner in {None, by}:
            return interrupted(deployment, step, plan=plan, at=failure.at)
        case Approved() if step.state.plan == plan:
            return deployment.with_step(replace(step, state=failure))
        case _:
            raise Superseded(f"plan {plan} of {step.id} is not being worked on")
