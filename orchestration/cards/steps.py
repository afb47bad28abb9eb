"""One step on a deployment card: where it is, what it changes, who has to agree."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from approvals.change import Operation
from capabilities.values import Values
from orchestration.cards.changes import change_facts, resource_details, thing
from orchestration.cards.facing import Facing
from orchestration.cards.model import (
    Block,
    Details,
    Fact,
    Facts,
    Heading,
    Progress,
    Text,
)
from orchestration.cards.plans import plan_blocks
from orchestration.cards.signoffs import own_signoffs
from orchestration.cards.values import duration, link, value_facts
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
    Succeeded,
    Unplanned,
)
from orchestration.ports import ApplyProgress
from orchestration.standing import stuck

_CARRIED = "Planned again; the change is equal to or within what was signed off."


def step_blocks(deployment: Deployment, step: Step, facing: Facing) -> tuple[Block, ...]:
    """What matters now: a plan while it can be decided on, then how it goes, then what came out."""
    record = deployment.plan(step)
    heading = Heading(f"{step.name}: {_words(deployment, step, facing)}")
    return (heading, *_state_blocks(step, facing), *_planned(deployment, step, record, facing))


def details(deployment: Deployment) -> Iterator[Block]:
    """What can be looked up: every resource and every value."""
    planned = [
        (step.name, record.change)
        for step in deployment.steps
        if (record := deployment.plan(step)) and not isinstance(step.state, Unplanned)
    ]
    yield from resource_details(planned)
    yield Details("Values and their origin", tuple(_values(deployment.steps)))


def _values(steps: Sequence[Step]) -> Iterator[Block]:
    for step in steps:
        if len(steps) > 1:
            yield Heading(step.name)
        yield value_facts(_given_or_chosen(step))


def _given_or_chosen(step: Step) -> Values:
    return {k: v for k, v in step.values.items() if v.value not in (None, [], {})}


def _words(deployment: Deployment, step: Step, facing: Facing) -> str:
    """How the step is, for its heading."""
    if stuck(deployment, step):
        return "waits for a step that did not succeed"
    match step.state:
        case Approved() as state:
            return _approved(deployment, step, state)
        case Succeeded() | Failed() | Rejected() | Cancelled() as state:
            return _ended(state, facing)
        case Unplanned(why=why):
            return f"planning again, {why}" if why else "planning"
        case Awaiting():
            return "waits for sign-off"
        case Confirming():
            return "its turn; waits to be confirmed once more"
        case Applying():
            return "applying"
        case _:
            assert_never(step.state)


def _ended(state: Succeeded | Failed | Rejected | Cancelled, facing: Facing) -> str:
    match state:
        case Succeeded(seconds=seconds):
            return f"done in {duration(seconds)}"
        case Failed(operation=operation):
            return f"{operation} failed"
        case Rejected(by=by):
            return f"rejected by {facing.name(by)}"
        case Cancelled(by=by, started=started):
            return f"{'stopped' if started else 'cancelled'} by {facing.name(by)}"
        case _:
            assert_never(state)


def _approved(deployment: Deployment, step: Step, state: Approved) -> str:
    if state.place:
        return f"number {state.place} in the queue, behind {state.behind.partition(',')[0]}"
    open_needs = [n for n in map(deployment.step, step.needs) if not isinstance(n.state, Succeeded)]
    after = " and ".join(need.name for need in open_needs)
    starts = f"runs after {after}" if after else "starts when a worker is free"
    return f"signed off, {starts}"


def _state_blocks(step: Step, facing: Facing) -> tuple[Block, ...]:
    match step.state:
        case Applying():
            progress = facing.progress.get(step.id)
            return (_progress(progress),) if progress else ()
        case Succeeded():
            return _outputs(step, step.state, facing)
        case Failed(summary=summary, address=address):
            what = f"{thing(address)} ({address}): " if address else ""
            return (Text(f"{what}{summary}", "bad"),)
        case Rejected(reason=reason):
            return (Text(f"Reason: {reason}", "bad"),)
        case Cancelled(started=True) if step.operation is Operation.DESTROY:
            return (Text("What it had destroyed by then is gone; the rest is there.", "warning"),)
        case Cancelled(started=True):
            return (Text("What it had made by then is still there.", "warning"),)
        case _:
            return ()


def _progress(progress: ApplyProgress) -> Progress:
    doing = ", ".join(map(thing, progress.current))
    return Progress(doing or "finishing", progress.done, progress.total)


def _outputs(step: Step, state: Succeeded, facing: Facing) -> tuple[Block, ...]:
    """The outputs that people have a use for, links first."""
    if step.capability not in facing.catalogue:
        return ()
    shown = [
        Fact(output.label, link(output.name, str(value)))
        for output in facing.catalogue[step.capability].outputs
        if output.label and (value := state.outputs.get(output.name)) is not None
    ]
    links = sorted(shown, key=lambda fact: not fact.value.startswith("https://"))
    return (Facts(tuple(links)),) if links else ()


def _planned(
    deployment: Deployment, step: Step, record: PlanRecord | None, facing: Facing
) -> tuple[Block, ...]:
    if record is None:
        return ()
    signoffs = own_signoffs(deployment, step, facing)
    match step.state:
        case Awaiting() | Confirming() | Approved():
            facts = _facts((*change_facts(record.change), *signoffs))
            return (*plan_blocks(deployment, step, record), *facts, *_carried(record))
        case Applying():
            return (*_facts(signoffs), *_carried(record))
        case Succeeded():
            return _facts(signoffs)
        case _:
            return ()


def _facts(rows: Sequence[Fact]) -> tuple[Block, ...]:
    return (Facts(tuple(rows)),) if rows else ()


def _carried(record: PlanRecord) -> tuple[Block, ...]:
    return (Text(_CARRIED, "subtle"),) if record.carried else ()
