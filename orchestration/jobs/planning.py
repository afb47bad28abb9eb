"""Make the plan that people are asked about, or the one that renews it."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256

from approvals.change import Action, Change, Operation
from approvals.containment import takes_over, within
from approvals.digest import digest
from approvals.gates import Gate, together
from approvals.policy import blocked, facts_of, gates_for
from approvals.quorum import all_met
from approvals.symbols import symbolic
from capabilities.capability import Risk, RiskKind, resolve
from capabilities.cost import CostEstimate, estimate, total
from orchestration import transitions
from orchestration.deployment import Deployment, Failed, PlanRecord, Seal, Step, Unplanned
from orchestration.gating import quorum
from orchestration.jobs import sealing
from orchestration.jobs.files import Files, files_of, keep_files
from orchestration.jobs.log import RunId
from orchestration.jobs.workshop import Outcome, Workshop
from orchestration.next_actions import Do, NextAction, job_id
from orchestration.ports import (
    DeploymentId,
    Import,
    OnLine,
    PlanFacts,
    Planned,
    StepId,
    TerraformFailed,
)
from orchestration.transitions import Superseded

_NAMED = 5
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Made:
    """A plan, what it adopts, and what a cut-off apply may have left that it does not destroy."""

    planned: Planned
    imports: tuple[Import, ...] = ()
    left_behind: tuple[Risk, ...] = ()


async def plan(shop: Workshop, id: DeploymentId, step_id: StepId, number: int) -> Outcome:
    """Plan a step and store the plan with its gates, or why it could not be planned.

    Raises: TemporaryError - try again later.
    """
    deployment = await shop.deployments.get(id)
    step = deployment.step(step_id)
    job = job_id(id, NextAction(Do.PLAN, step_id, number))
    if not _wanted(step, number):
        await shop.leave(step, job)
        return Outcome.DONE
    if (await shop.take_turn(deployment, step, job)).place > 1:
        return Outcome.BUSY
    try:
        await _plan(shop, deployment, step, number)
    finally:
        await shop.leave(step, job)
    return Outcome.DONE


def _wanted(step: Step, number: int) -> bool:
    return isinstance(step.state, Unplanned) and step.state.number == number


async def _plan(shop: Workshop, deployment: Deployment, step: Step, number: int) -> None:
    files = await files_of(shop, deployment, step)
    try:
        async with shop.log(deployment.id, RunId(step.id, number, "plan")) as log:
            made = await _terraform(shop, step, files, log)
        record = await _record(shop, deployment, step, number, made, files)
    except TerraformFailed as error:
        failure = Failed(0, shop.clock.now(), error.operation, error.summary, error.address)
        await _fail(shop, deployment.id, step, failure, number)
        return
    refused = blocked(record.change.findings)
    if refused:
        summary = "; ".join(finding.message for finding in refused)
        failure = Failed(0, shop.clock.now(), "policy check", summary, refused[0].address)
        await _fail(shop, deployment.id, step, failure, number)
        return
    saved = sealing.Saved(made.planned.file, made.planned.lock)
    await sealing.keep(shop, deployment.id, step.id, record, saved)
    await keep_files(shop.artifacts, deployment.id, step.id, record, files)
    people = await shop.people()
    adopted = ", ".join(one.address for one in record.imports)
    carried = record.carried or ""
    event = shop.event(
        step, "planned", plan=number, digest=record.digest, carried=carried, adopted=adopted
    )

    def known(now: Deployment) -> Deployment:
        if not transitions.same_request(now.step(step.id), step):
            raise Superseded(f"{step.id} has been changed while it was planned")
        return transitions.planned(now, now.step(step.id), record, people)

    await shop.deployments.change(deployment.id, known, event)


async def _fail(shop: Workshop, id: DeploymentId, step: Step, failure: Failed, number: int) -> None:
    event = shop.event(step, "planning failed", summary=failure.summary, address=failure.address)
    await shop.deployments.change(
        id, lambda d: transitions.unplannable(d, d.step(step.id), failure, plan=number), event
    )


async def _terraform(shop: Workshop, step: Step, files: Files, log: OnLine) -> _Made:
    """The plan; where an earlier attempt may have left something, adopting what is there."""
    plan = partial(shop.terraform.plan, step.workspace, files.content, on_line=log)
    if step.operation is Operation.DESTROY:
        return await _destroying(shop, step, plan)
    planned = await plan(operation=step.operation)
    imports = await _existing(shop, step, planned) if _begun(step) else ()
    if imports:
        planned = await plan(operation=step.operation, imports=imports)
    return _Made(planned, imports)


async def _destroying(shop: Workshop, step: Step, plan: Callable[..., Awaitable[Planned]]) -> _Made:
    """What is there and would be made again is destroyed too, or said to be left behind."""
    try:
        found = (
            await _existing(shop, step, await plan(operation=Operation.APPLY))
            if _begun(step)
            else ()
        )
    except TerraformFailed:
        fields = {"workspace": step.workspace, "step": step.id}
        _log.warning("not_looked_up", extra={"fields": fields}, exc_info=True)
        planned = await plan(operation=Operation.DESTROY)
        return _Made(planned, left_behind=(_not_looked_up(step),))
    planned = await plan(operation=Operation.DESTROY, imports=found)
    destroyed = {change.address for change in planned.resources}
    adopted = tuple(one for one in found if one.address in destroyed)
    missed = [one.address for one in found if one not in adopted]
    return _Made(planned, adopted, (_not_imported(step, missed),) if missed else ())


def _not_looked_up(step: Step) -> Risk:
    """The same words each time: a risk that is new asks for sign-off again."""
    text = (
        f"it could not be looked up whether more of {step.name} was left behind than this destroys;"
        " the log says why. Look in the cloud yourself, or press Cancel and then Retry to have it"
        " looked up again."
    )
    return Risk(RiskKind.LEFT_BEHIND, text)


def _not_imported(step: Step, addresses: Sequence[str]) -> Risk:
    more = len(addresses) - _NAMED
    named = ", ".join(sorted(addresses)[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    text = (
        f"this does not destroy {named}, which was left behind of {step.name} and"
        " could not be imported. Remove it yourself, or press Cancel and then Retry to try again."
    )
    return Risk(RiskKind.LEFT_BEHIND, text)


async def _existing(shop: Workshop, step: Step, planned: Planned) -> tuple[Import, ...]:
    creates = [change for change in planned.resources if change.action is Action.CREATE]
    return await shop.inventory.find(step.workspace, creates) if creates else ()


async def _record(
    shop: Workshop,
    deployment: Deployment,
    step: Step,
    number: int,
    made: _Made,
    files: Files,
) -> PlanRecord:
    planned = made.planned
    change = await _change(shop, step, made, files)
    earlier = deployment.plans_of(step.id)
    previous = earlier[-1] if earlier else None
    people = await shop.people()
    carried, gates = None, await _gates(shop, deployment, step, change)
    if previous and all_met(quorum(deployment, step, previous, people)):
        approved = _approved(deployment, step, previous)
        if _carries_over(step, change, planned, approved.change):
            goes_on = finishing(change, planned) if _begun(step) else change
            asked = together(approved.gates, await _gates(shop, deployment, step, goes_on))
            if asked == approved.gates or digest(change) == previous.binding:
                carried, gates = previous.binding, asked
    return PlanRecord(
        number=number,
        change=change,
        digest=digest(change),
        seal=Seal(
            plan_sha256=sha256(planned.file).hexdigest(),
            state=planned.state,
            lock_sha256=sha256(planned.lock.encode()).hexdigest(),
            inputs_known=files.complete,
        ),
        gates=gates,
        at=shop.clock.now(),
        imports=made.imports,
        carried=carried,
        replaces=previous.number if previous else None,
    )


def _approved(deployment: Deployment, step: Step, record: PlanRecord) -> PlanRecord:
    """The plan that people were shown when they approved `record`."""
    return next(
        (other for other in deployment.plans_of(step.id) if other.digest == record.binding),
        record,
    )


async def _change(shop: Workshop, step: Step, made: _Made, files: Files) -> Change:
    parameters = resolve(shop.catalogue[step.capability], step.values).parameters
    facts = PlanFacts(
        workspace=step.workspace,
        environment=step.environment,
        capability=step.capability,
        parameters={key: value.value for key, value in step.values.items()},
        allowed_regions=shop.policy.allowed_regions,
        plan=made.planned.facts,
    )
    destroys = step.operation is Operation.DESTROY
    risks = (
        made.left_behind
        if destroys or parameters is None
        else shop.catalogue[step.capability].risks(parameters)
    )
    return Change(
        workspace=step.workspace,
        operation=step.operation,
        parameters=facts.parameters,
        files=files.hashes,
        resources=symbolic(made.planned.resources, files.known),
        cost=await _cost_of(shop, step),
        risks=risks,
        findings=await shop.plan_policy.check(facts),
    )


async def _cost_of(shop: Workshop, step: Step) -> CostEstimate:
    """What the step costs a month once it is there; nothing when it is destroyed."""
    parameters = resolve(shop.catalogue[step.capability], step.values).parameters
    if step.operation is Operation.DESTROY or parameters is None:
        return CostEstimate(())
    quantities = shop.catalogue[step.capability].quantities(parameters)
    return estimate(quantities, await shop.prices.prices([q.meter for q in quantities]))


def _carries_over(step: Step, change: Change, planned: Planned, approved: Change) -> bool:
    """Whether what people agreed to holds for a new plan too."""
    if _begun(step):
        return within(finishing(change, planned), approved)
    return within(change, approved) and not takes_over(change, approved)


def _begun(step: Step) -> bool:
    return isinstance(step.state, Unplanned) and step.state.interrupted


def finishing(change: Change, planned: Planned) -> Change:
    """The change with every resource that an interrupted create left half-made seen as created.

    Nobody has ever had such a resource: making it anew destroys nothing that was handed over.
    """
    remade = {resource.address: resource for resource in planned.remakes}
    return replace(change, resources=tuple(remade.get(r.address, r) for r in change.resources))


async def _gates(
    shop: Workshop, deployment: Deployment, step: Step, change: Change
) -> tuple[Gate, ...]:
    """Who has to sign: thresholds look at what the whole deployment costs."""
    if not change.resources and not change.may_leave_something:
        return ()
    costs = [await _cost_of(shop, other) for other in deployment.steps]
    facts = facts_of(change, step.environment, cost=total(costs))
    return gates_for(facts, deployment.requester, shop.policy)
