"""The deployment card: what is wanted of the reader, what changes, who agreed, how it goes."""

from collections.abc import Mapping
from dataclasses import dataclass

from approvals.gates import GateState, Moment, Open, Unmeetable
from approvals.principals import Principal, PrincipalId
from capabilities.cost import total
from orchestration.cards.model import (
    Block,
    Button,
    Card,
    Fact,
    Facts,
    Heading,
    InputField,
    Progress,
    Text,
)
from orchestration.cards.money import cost_details, cost_fact
from orchestration.cards.plans import (
    could_decide,
    gate_facts,
    gate_states,
    plan_blocks,
    plan_words,
)
from orchestration.deployment import (
    Applying,
    Approved,
    Awaiting,
    Cancelled,
    Confirming,
    Deployment,
    Failed,
    Kind,
    PlanRecord,
    Rejected,
    Step,
    Succeeded,
    Unplanned,
)
from orchestration.gating import quorum
from orchestration.ports import ApplyProgress
from orchestration.standing import FINAL, standing, stuck
from orchestration.transitions import People

_REASON = InputField("reason", "Why, and what would have to change", required=True)


@dataclass(frozen=True, slots=True)
class Facing:
    """What the card needs besides the deployment: the people, and how far running applies are."""

    people: People
    progress: Mapping[str, ApplyProgress]

    def name(self, id: PrincipalId) -> str:
        return next((person.name for person in self.people if person.id == id), id)


def deployment_card(deployment: Deployment, facing: Facing) -> Card:
    state = standing(deployment)
    return Card(
        id=f"deployment:{deployment.id}",
        kind="result" if state in FINAL else "deployment",
        lead=_lead(deployment, facing),
        title=deployment.title,
        blocks=(
            *_overview(deployment, facing),
            *(b for step in deployment.steps for b in _step_blocks(deployment, step, facing)),
            *_cost_details(deployment),
        ),
        buttons=_buttons(deployment, facing),
    )


def _lead(deployment: Deployment, facing: Facing) -> str:
    state = standing(deployment)
    match state:
        case "planning":
            return "Planning; the changes follow in a moment."
        case "awaiting":
            return _awaiting(deployment, facing)
        case "queued":
            return _queued(deployment)
        case "applying":
            return "Applying now; nothing is wanted of you."
        case "succeeded":
            return f"Done in {_duration(deployment)}."
        case "destroyed":
            return f"Destroyed in {_duration(deployment)}."
        case "failed" | "partly":
            return _ended_badly(deployment, state)
        case _:
            return f"This was {state}; change the request and submit it again."


def _awaiting(deployment: Deployment, facing: Facing) -> str:
    states = [state for step in deployment.steps for state in _states(deployment, step, facing)]
    blocked = [state for state in states if isinstance(state, Unmeetable)]
    if blocked:
        return f"Nobody can sign this off yet: add {blocked[0].who_to_add} to the directory."
    waits = dict.fromkeys(_could(state) for state in states if isinstance(state, Open))
    return f"Waiting for sign-off by {' and '.join(waits)}."


def _could(state: Open) -> str:
    return " or ".join(person.name for person in state.could) or "somebody"


def _states(deployment: Deployment, step: Step, facing: Facing) -> list[GateState]:
    record = deployment.plan(step)
    if record is None or not isinstance(step.state, Awaiting | Confirming):
        return []
    return [state for _, state in gate_states(deployment, step, record, facing.people)]


def _queued(deployment: Deployment) -> str:
    places = [s.state for s in deployment.steps if isinstance(s.state, Approved) and s.state.place]
    if not places:
        return "Signed off; it starts in a moment."
    first = min(places, key=lambda state: state.place)
    return f"Signed off; number {first.place} in the queue, behind {first.behind}."


def _ended_badly(deployment: Deployment, state: str) -> str:
    failed = [step for step in deployment.steps if isinstance(step.state, Failed)]
    if not failed:
        return "Partly done; choose what to do with the rest."
    what = " and ".join(step.name for step in failed)
    return f"{what} failed{'; the rest is there' if state == 'partly' else ''}. Choose what to do."


def _duration(deployment: Deployment) -> str:
    started = [at for state, at in deployment.log if state == "applying"]
    seconds = (deployment.log[-1][1] - started[0]).total_seconds() if started else 0.0
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def _overview(deployment: Deployment, facing: Facing) -> tuple[Block, ...]:
    facts = [Fact("Asked by", facing.name(deployment.requester), deployment.id)]
    records = _records(deployment)
    if records and deployment.kind is Kind.PROVISION:
        facts.insert(0, cost_fact(total(record.change.cost for record in records)))
    return (Facts(tuple(facts)),)


def _records(deployment: Deployment) -> list[PlanRecord]:
    return [record for step in deployment.steps if (record := deployment.plan(step))]


def _cost_details(deployment: Deployment) -> tuple[Block, ...]:
    return cost_details(total(record.change.cost for record in _records(deployment)))


def _step_blocks(deployment: Deployment, step: Step, facing: Facing) -> tuple[Block, ...]:
    record = deployment.plan(step)
    changes = f" ({plan_words(record.change)})" if record else ""
    heading = Heading(f"{step.name}{changes}: {_words(deployment, step, facing)}")
    return (
        heading,
        *_state_blocks(step, facing),
        *_gate_blocks(deployment, step, record, facing),
        *(plan_blocks(deployment, step, record) if record else ()),
    )


def _words(deployment: Deployment, step: Step, facing: Facing) -> str:
    behind_a_failure = "waits for a step that did not succeed"
    return behind_a_failure if stuck(deployment, step) else _state_words(step, facing)


def _state_words(step: Step, facing: Facing) -> str:
    match step.state:
        case Unplanned(why=why):
            return f"planning again, {why}" if why else "planning"
        case Awaiting():
            return "waits for sign-off"
        case Confirming():
            return "its turn; waits to be confirmed once more"
        case Approved(place=place, behind=behind):
            waits = bool(step.needs) and not place
            place_words = f"number {place} in the queue, behind {behind}" if place else "signed off"
            return f"{place_words}, runs after {', '.join(step.needs)}" if waits else place_words
        case Applying():
            return "applying"
        case Succeeded(seconds=seconds):
            return f"done in {seconds:.0f} s"
        case Failed(operation=operation):
            return f"{operation} failed"
        case Rejected(by=by):
            return f"rejected by {facing.name(by)}"
        case Cancelled(by=by, started=started):
            return f"{'stopped' if started else 'cancelled'} by {facing.name(by)}"


def _state_blocks(step: Step, facing: Facing) -> tuple[Block, ...]:
    match step.state:
        case Applying():
            progress = facing.progress.get(step.id)
            return _progress(progress) if progress else ()
        case Succeeded(outputs=outputs) if outputs:
            rows = tuple(Fact(_label(k), str(v)) for k, v in outputs.items() if v is not None)
            return (Facts(rows),)
        case Failed(summary=summary, address=address):
            return (Text(f"{f'{address}: ' if address else ''}{summary}", "bad"),)
        case Rejected(reason=reason):
            return (Text(f"Reason: {reason}", "bad"),)
        case Cancelled(started=True):
            return (Text("What it had made by then is still there.", "warning"),)
        case _:
            return ()


def _progress(progress: ApplyProgress) -> tuple[Block, ...]:
    label = ", ".join(progress.current) or "finishing"
    return (Progress(label, progress.done, progress.total),)


def _label(output: str) -> str:
    return output.replace("_", " ").capitalize()


def _gate_blocks(
    deployment: Deployment, step: Step, record: PlanRecord | None, facing: Facing
) -> tuple[Block, ...]:
    if record is None or not record.gates or isinstance(step.state, Unplanned):
        return ()
    gates = gate_states(deployment, step, record, facing.people)
    facts = gate_facts(gates, facing.people)
    if not record.carried:
        return (facts,)
    text = "Planned again; the change is equal to or within what was signed off."
    return (facts, Text(text, "subtle"))


def _buttons(deployment: Deployment, facing: Facing) -> tuple[Button, ...]:
    asked = [s for s in deployment.steps if isinstance(s.state, Awaiting | Confirming)]
    buttons: list[Button] = []
    if asked:
        buttons += _decisions(deployment, asked, facing, "")
    if len(asked) > 1:
        for step in asked:
            buttons += _decisions(deployment, [step], facing, f" {step.name}")
    buttons += _withdrawals(deployment, facing)
    if standing(deployment) not in FINAL:
        buttons.append(Button("Cancel", "cancel", {"deployment": deployment.id}, tone="subtle"))
    return (*buttons, *_afterwards(deployment))


def _decisions(
    deployment: Deployment, steps: list[Step], facing: Facing, suffix: str
) -> list[Button]:
    """For one step, or for all that the person who clicks may decide."""
    able: frozenset[Principal] = frozenset()
    shown: list[str] = []
    for step in steps:
        record = deployment.plan(step)
        if record:
            able |= could_decide(gate_states(deployment, step, record, facing.people))
            shown.append(f"{step.id}={record.binding}")
    data = {
        "deployment": deployment.id,
        "step": steps[0].id if suffix else "*",
        "shown": ",".join(shown),
    }
    audience = frozenset(person.id for person in able)
    confirm = all(isinstance(step.state, Confirming) for step in steps)
    return [
        Button(
            f"{'Confirm' if confirm else 'Approve'}{suffix}",
            "approve",
            data,
            audience=audience,
            tone="good",
        ),
        Button(f"Reject{suffix}", "reject", data, (_REASON,), audience, "bad"),
    ]


def _withdrawals(deployment: Deployment, facing: Facing) -> list[Button]:
    shown: dict[str, str] = {}
    signed: set[PrincipalId] = set()
    for step in deployment.steps:
        record = deployment.plan(step)
        if record and isinstance(step.state, Awaiting | Approved | Confirming):
            approvers = quorum(deployment, step, record, facing.people, Moment.PLAN).approvers
            signed |= set(approvers)
            shown |= {step.id: record.binding} if approvers else {}
    if not signed:
        return []
    data = {
        "deployment": deployment.id,
        "step": "*",
        "shown": ",".join(f"{step}={digest}" for step, digest in shown.items()),
    }
    return [Button("Withdraw my approval", "withdraw", data, audience=frozenset(signed))]


def _afterwards(deployment: Deployment) -> list[Button]:
    state = standing(deployment)
    data = {"deployment": deployment.id}
    retry = Button("Retry what failed", "retry", data, tone="good")
    back = Button("Roll back", "roll_back", data)
    match state:
        case "failed" | "partly":
            return [retry, back]
        case "cancelled":
            return [retry]
        case "succeeded" if deployment.kind is Kind.PROVISION:
            return [back, Button("Tear down", "destroy", data, tone="bad")]
        case _:
            return []
