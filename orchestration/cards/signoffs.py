"""Who has to agree to a deployment's steps, and who has."""

from collections.abc import Mapping

from approvals.gates import Gate, GateState, Met, Moment, Open, Unmeetable
from approvals.principals import Principal, PrincipalId
from approvals.quorum import states
from orchestration.cards.facing import Facing
from orchestration.cards.model import Block, Fact, Facts, Heading
from orchestration.deployment import (
    Applying,
    Approved,
    Awaiting,
    Confirming,
    Deployment,
    PlanRecord,
    Step,
    Succeeded,
)
from orchestration.gating import quorum
from orchestration.transitions import People


def shared_signoffs(deployment: Deployment, facing: Facing) -> tuple[Block, ...]:
    """What is asked of people for every step alike, once."""
    rows = _common(deployment, facing)
    if not rows:
        return ()
    return (Heading("Sign-off"), Facts(tuple(fact for _, fact in rows)))


def own_signoffs(deployment: Deployment, step: Step, facing: Facing) -> tuple[Fact, ...]:
    """What is asked of people for this step only."""
    common = _common(deployment, facing)
    return tuple(
        Fact("Sign-off", *row)
        for row, fact in _rows(deployment, step, facing)
        if (row, fact) not in common
    )


def _common(deployment: Deployment, facing: Facing) -> list[tuple[tuple[str, str], Fact]]:
    """The rows of every step that has any."""
    each = [rows for s in deployment.steps if (rows := _rows(deployment, s, facing))]
    return [row for row in each[0] if all(row in rows for rows in each)] if each else []


def signoff_sentences(deployment: Deployment, step: Step, facing: Facing) -> list[str]:
    """Where each sign-off on the step stands and why it is asked for, whatever the step's state."""
    names = {person.id: person.name for person in facing.people}
    return [
        f"{_standing(state, names, _asked(gate, state))} ({gate.reason})"
        for gate, state in _gates(deployment, step, facing)
    ]


def _rows(deployment: Deployment, step: Step, facing: Facing) -> list[tuple[tuple[str, str], Fact]]:
    if not isinstance(step.state, Awaiting | Confirming | Approved | Applying | Succeeded):
        return []
    names = {person.id: person.name for person in facing.people}
    rows = [
        (gate, _standing(state, names, _whom(gate, state)))
        for gate, state in _gates(deployment, step, facing)
    ]
    return [((said, gate.reason), Fact(_label(gate), said, gate.reason)) for gate, said in rows]


def _gates(deployment: Deployment, step: Step, facing: Facing) -> list[tuple[Gate, GateState]]:
    record = deployment.plan(step)
    return gate_states(deployment, step, record, facing.people) if record else []


def _asked(gate: Gate, state: GateState) -> str:
    return asked_of(gate, state) if isinstance(state, Open) else ""


def _whom(gate: Gate, state: GateState) -> str:
    """Those who could, by name only: the row is labelled with their role."""
    could = state.could if isinstance(state, Open) else ()
    return _names(could) or gate.asks_for


def _label(gate: Gate) -> str:
    return " or ".join(sorted(role.value for role in gate.roles)).capitalize() or "Sign-off"


def gate_states(
    deployment: Deployment, step: Step, record: PlanRecord, people: People
) -> list[tuple[Gate, GateState]]:
    """The gates that matter now, each with where it stands."""
    moment = Moment.EXECUTION if isinstance(step.state, Confirming) else Moment.PLAN
    found = states(quorum(deployment, step, record, people, moment))
    return [(gate, found[gate.id]) for gate in record.gates if gate.moment is moment]


def _standing(state: GateState, names: Mapping[PrincipalId, str], whom: str) -> str:
    match state:
        case Met(by=by):
            return f"approved by {' and '.join(names.get(who, who) for who in by)}"
        case Open(missing=missing):
            return f"waits for {f'{missing} of ' if missing > 1 else ''}{whom}"
        case Unmeetable(why=why, who_to_add=who):
            return f"cannot be met: {why}. Add {who} to the directory"


def asked_of(gate: Gate, state: Open) -> str:
    """Who could bring an open gate further, and as what: `olga or omar (platform)`."""
    roles = " or ".join(sorted(role.value for role in gate.roles))
    kind = f" ({roles})" if roles else ""
    return f"{_names(state.could)}{kind}" if state.could else gate.asks_for


def could_decide(gates: list[tuple[Gate, GateState]]) -> frozenset[Principal]:
    return frozenset(p for _, state in gates if isinstance(state, Open) for p in state.could)


def _names(people: tuple[Principal, ...]) -> str:
    return " or ".join(person.name for person in people)
