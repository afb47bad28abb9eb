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
    Succeeded,
    Unplanned,
    plan_key,
    plan_number,
)
from orchestration.errors import SignoffError, UserError
from orchestration.gating import gates_met

People: TypeAlias = tuple[Principal, ...]
"""Everybody in the directory, with the roles they have now."""


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
        case Confirming(plan=plan) if on_turn:
            return deployment.with_step(replace(step, state=Approved(plan, confirmed=True)))
        case _:
            return deployment


def confirming(deployment: Deployment, step: Step) -> Deployment:
    """It is the step's turn, and somebody has to agree once more."""
    if not isinstance(step.state, Approved):
        raise Superseded(f"{step.id} is not approved any more")
    return deployment.with_step(replace(step, state=Confirming(step.state.plan)))


def queued(deployment: Deployment, step: Step, *, place: int, behind: str) -> Deployment:
    if not isinstance(step.state, Approved):
        raise Superseded(f"{step.id} does not queue any more")
    return deployment.with_step(
        replace(step, state=replace(step.state, place=place, behind=behind))
    )


def applying(
    deployment: Deployment, step: Step, *, plan: int, owner: str, at: datetime
) -> Deployment:
    """The one and only start of a saved plan."""
    if not isinstance(step.state, Approved) or step.state.plan != plan:
        raise Superseded(f"plan {plan} of {step.id} is not to be applied")
    return deployment.with_step(replace(step, state=Applying(plan, owner, at)))


def succeeded(
    deployment: Deployment, step: Step, *, owner: str, at: datetime, outputs: Mapping[str, Json]
) -> Deployment:
    running = _owned(step, owner)
    seconds = round((at - running.since).total_seconds(), 1)
    return deployment.with_step(replace(step, state=Succeeded(running.plan, at, seconds, outputs)))


def failed(deployment: Deployment, step: Step, failure: Failed, *, owner: str = "") -> Deployment:
    """Planning or applying ended with an error that is known."""
    if owner:
        _owned(step, owner)
    elif not isinstance(step.state, Unplanned):
        raise Superseded(f"{step.id} is not being planned any more")
    return deployment.with_step(replace(step, state=failure))


def interrupted(deployment: Deployment, step: Step, *, plan: int) -> Deployment:
    """An apply was cut off and its outcome is unknown: look up what exists and plan again."""
    if not isinstance(step.state, Applying) or step.state.plan != plan:
        raise Superseded(f"plan {plan} of {step.id} is not running")
    why = "the apply was interrupted; what exists was looked up"
    return deployment.with_step(replace(step, state=Unplanned(plan + 1, why, interrupted=True)))


def stopped(deployment: Deployment, step: Step, *, owner: str, at: datetime) -> Deployment:
    """A running apply was cancelled and Terraform has gone."""
    running = _owned(step, owner)
    by = deployment.cancelled_by or deployment.requester
    return deployment.with_step(replace(step, state=Cancelled(running.plan, by, at, started=True)))


def unsealed(deployment: Deployment, step: Step, why: str) -> Deployment:
    """The saved plan no longer fits the world: plan again, keeping the approvals if it is equal."""
    if not isinstance(step.state, Approved | Awaiting | Confirming):
        raise Superseded(f"{step.id} has no plan to renew")
    return deployment.with_step(replace(step, state=Unplanned(step.state.plan + 1, why)))


def rejected(deployment: Deployment, step: Step, decision: StepDecision) -> Deployment:
    said = decision.decision
    state = Rejected(plan_number(step.state), said.by, said.reason, said.at)
    known = replace(deployment, decisions=(*deployment.decisions, decision))
    return known.with_step(replace(step, state=state))


def cancelled(deployment: Deployment, *, by: PrincipalId, at: datetime) -> Deployment:
    """Whatever has not started ends here; what runs is interrupted by the worker.

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
    return result


def retried(deployment: Deployment, wanted: Sequence[str] = ()) -> Deployment:
    """Plan again what failed or was cancelled (of `wanted`, when given).

    Raises: UserError - nothing has failed.
    """
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
        last = max((r.number for k, r in deployment.plans.items() if _of(k, step)), default=0)
        result = result.with_step(replace(step, state=Unplanned(last + 1, "retried", True)))
    return result


def revised(deployment: Deployment, steps: Sequence[Step], *, title: str) -> Deployment:
    """The request changed before anything ran: plan what differs again, keep what does not.

    Raises: UserError - something has run already.
    """
    if any(not isinstance(s.state, Unplanned | Awaiting | Approved) for s in deployment.steps):
        raise UserError(f"{deployment.title!r} is running; change it when it has ended")
    present = {step.id: step for step in deployment.steps}
    renewed = tuple(_revised_step(deployment, present.get(step.id), step) for step in steps)
    return replace(deployment, steps=renewed, title=title)


def _revised_step(deployment: Deployment, old: Step | None, new: Step) -> Step:
    if old is None:
        return new
    same = (old.values, old.workspace, old.inputs) == (new.values, new.workspace, new.inputs)
    if same:
        return replace(new, state=old.state)
    last = max((r.number for k, r in deployment.plans.items() if _of(k, old)), default=0)
    return replace(new, state=Unplanned(last + 1, "the request changed"))


def _of(key: str, step: Step) -> bool:
    return key.rpartition("-")[0] == step.id


def _owned(step: Step, owner: str) -> Applying:
    if not isinstance(step.state, Applying) or step.state.owner != owner:
        raise Superseded(f"{step.id} is no longer run by {owner}")
    return step.state


def broken(deployment: Deployment, step: Step, failure: Failed) -> Deployment:
    """A fault of Signoff's own ends the step, unless something may have been applied already."""
    if isinstance(step.state, Applying):
        return interrupted(deployment, step, plan=step.state.plan)
    if isinstance(step.state, Unplanned | Approved):
        return deployment.with_step(replace(step, state=failure))
    raise Superseded(f"{step.id} is not being worked on")
