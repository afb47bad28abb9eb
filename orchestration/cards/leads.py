"""The first line of a deployment's card: what is wanted of the reader."""

from datetime import timedelta

from approvals.gates import Gate, GateState, Met, Open, Unmeetable
from orchestration.cards.facing import Facing
from orchestration.cards.signoffs import asked_of, gate_states
from orchestration.cards.values import duration
from orchestration.deployment import (
    Approved,
    Awaiting,
    Confirming,
    Deployment,
    Failed,
    Kind,
    Rejected,
    Step,
    Succeeded,
)
from orchestration.standing import FINAL, standing, stuck


def lead(deployment: Deployment, facing: Facing) -> str:
    state = standing(deployment)
    match state:
        case "planning":
            return _planning(deployment)
        case "awaiting":
            return _awaiting(deployment, facing)
        case "queued":
            return f"{_queued(deployment)}{_still_open(deployment, facing)}"
        case "applying":
            return _applying(deployment, facing)
        case "succeeded":
            done = "Rolled back" if deployment.kind is Kind.ROLL_BACK else "It is up: done"
            return f"{done} in {_duration(deployment)}."
        case "destroyed" if deployment.may_leave_something:
            return "What Terraform knew of is gone; look in the cloud for what was left behind."
        case "destroyed":
            return f"It is gone: destroyed in {_duration(deployment)}."
        case "failed" | "partly":
            return _ended_badly(deployment, state)
        case "rejected":
            return _rejected(deployment, facing)
        case _:
            return _cancelled(deployment)


def _planning(deployment: Deployment) -> str:
    if any(isinstance(step.state, Awaiting) for step in deployment.steps):
        return "Planning the rest; what is planned already can be decided on."
    return "Planning; the changes follow in a moment."


def _awaiting(deployment: Deployment, facing: Facing) -> str:
    found = [pair for step in deployment.steps for pair in _gates(deployment, step, facing)]
    blocked = [state for _, state in found if isinstance(state, Unmeetable)]
    if blocked:
        return f"Nobody can sign this off yet: add {blocked[0].who_to_add} to the directory."
    waits = dict.fromkeys(asked_of(gate, s) for gate, s in found if isinstance(s, Open))
    confirming = any(isinstance(step.state, Confirming) for step in deployment.steps)
    what = "to be confirmed once more" if confirming else "for sign-off"
    return f"Waiting {what} by {', and by '.join(waits)}."


def _gates(deployment: Deployment, step: Step, facing: Facing) -> list[tuple[Gate, GateState]]:
    record = deployment.plan(step)
    if record is None or not isinstance(step.state, Awaiting | Confirming):
        return []
    return gate_states(deployment, step, record, facing.people)


def _queued(deployment: Deployment) -> str:
    places = [s.state for s in deployment.steps if isinstance(s.state, Approved) and s.state.place]
    if not places:
        return "Signed off; it starts in a moment."
    first = min(places, key=lambda state: state.place)
    title, _, asker = first.behind.partition(", asked by ")
    whose = f", which {asker} asked for" if asker else ""
    return f"Signed off; number {first.place} in the queue, behind {title}{whose}."


def _applying(deployment: Deployment, facing: Facing) -> str:
    if deployment.cancelled_by:
        return f"Being stopped for {facing.name(deployment.cancelled_by)}."
    running = [found for s in deployment.steps if (found := facing.progress.get(s.id))]
    done, of = sum(p.done for p in running), sum(p.total for p in running)
    how_far = f", {done} of {of} resources" if of else ""
    still_open = _still_open(deployment, facing)
    rest = f".{still_open}" if still_open else "; nothing is wanted of you."
    return f"Applying{how_far}{rest}"


def _still_open(deployment: Deployment, facing: Facing) -> str:
    """Who is waited for while another step goes on; "" when nobody is."""
    going_on = [step for step in deployment.steps if not stuck(deployment, step)]
    waits = [(step.name, _waited_for(deployment, step, facing)) for step in going_on]
    return "".join(f" {name} still waits for {whom}." for name, whom in waits if whom)


def _waited_for(deployment: Deployment, step: Step, facing: Facing) -> str:
    whom = dict.fromkeys(
        asked_of(gate, state) if isinstance(state, Open) else gate.asks_for
        for gate, state in _gates(deployment, step, facing)
        if not isinstance(state, Met)
    )
    return ", and for ".join(whom)


def _ended_badly(deployment: Deployment, state: str) -> str:
    failed = [step for step in deployment.steps if isinstance(step.state, Failed)]
    if not failed:
        return "Partly done; choose what to do with the rest."
    what = " and ".join(step.name for step in failed)
    gone = deployment.kind is Kind.DESTROY
    rest = f"; the rest is {'gone' if gone else 'there'}" if state == "partly" else ""
    back = ", roll back what there is," if _left_something(deployment) and not gone else ""
    return f"{what} failed{rest}. Retry it{back} or leave it so."


def _rejected(deployment: Deployment, facing: Facing) -> str:
    said = [step.state for step in deployment.steps if isinstance(step.state, Rejected)]
    by = " and ".join(dict.fromkeys(facing.name(state.by) for state in said))
    if _left_something(deployment):
        return f"{by} rejected this. Change the request and submit it again, or roll this back."
    return f"{by} rejected this; change the request and submit it again."


def _cancelled(deployment: Deployment) -> str:
    if _left_something(deployment) and deployment.kind is Kind.DESTROY:
        return "Cancelled on the way: a part may be gone. Retry goes on with the rest."
    if _left_something(deployment):
        return "Cancelled on the way. Retry goes on, Roll back takes away what there is."
    return "Cancelled; nothing was changed. Retry plans it again."


def _left_something(deployment: Deployment) -> bool:
    return any(step.left_something for step in deployment.steps)


def _duration(deployment: Deployment) -> str:
    """From the first apply of the last attempt to the end, by what the steps say of themselves; one
    that was cut off says nothing of what came before."""
    ended = [n for n, (state, _) in enumerate(deployment.log[:-1]) if state in FINAL]
    attempt = deployment.log[ended[-1] + 1 :] if ended else deployment.log
    done = [step.state for step in deployment.steps if isinstance(step.state, Succeeded)]
    last = [s for s in done if not ended or s.at >= deployment.log[ended[-1]][1]] or done
    begun = [state.at - timedelta(seconds=state.seconds) for state in last]
    begun += [at for state, at in attempt if state == "applying"]
    return duration((max(state.at for state in last) - min(begun)).total_seconds())
