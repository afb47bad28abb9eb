"""What a plan changes, who has to agree to it and who has: the blocks of a step."""

from collections.abc import Mapping

from approvals.change import Action, Change
from approvals.difference import difference
from approvals.findings import Level
from approvals.gates import Gate, GateState, Met, Moment, Open, Unmeetable
from approvals.principals import Principal, PrincipalId
from approvals.quorum import states
from approvals.summary import summary
from orchestration.cards.model import Block, Details, Fact, Facts, Table, Text
from orchestration.deployment import Confirming, Deployment, PlanRecord, Step, plan_key
from orchestration.gating import quorum
from orchestration.transitions import People

_SYMBOLS = {
    Action.CREATE: "+ create",
    Action.UPDATE: "~ change",
    Action.REPLACE: "± replace",
    Action.DELETE: "- destroy",
}


def plan_words(change: Change) -> str:
    """The counts as Terraform gives them: `+5 ~0 -0`."""
    counts = summary(change)
    return f"+{counts.add} ~{counts.change} -{counts.destroy}"


def plan_blocks(deployment: Deployment, step: Step, record: PlanRecord) -> tuple[Block, ...]:
    """Risks, findings and the difference first; the resources fold away below."""
    return (
        *_difference(deployment, step, record),
        *(Text(f"Risk: {risk.text}", "warning") for risk in record.change.risks),
        *(Text(_finding(f.level, f.message), "warning") for f in record.change.findings),
        *_endings(record.change),
        *_resources(record.change),
    )


def _difference(deployment: Deployment, step: Step, record: PlanRecord) -> tuple[Block, ...]:
    if record.replaces is None or record.carried:
        return ()
    old = deployment.plans.get(plan_key(step.id, record.replaces))
    if old is None or old.digest == record.digest:
        return ()
    lines = difference(old.change, record.change)
    return (Text("Changed since the plan before: " + "; ".join(lines), "warning"),)


def _finding(level: Level, message: str) -> str:
    return f"Policy ({level.value}): {message}"


def _endings(change: Change) -> tuple[Block, ...]:
    ending = [r.address for r in change.resources if r.action in (Action.DELETE, Action.REPLACE)]
    if not ending:
        return ()
    return (Text("This destroys: " + ", ".join(ending), "bad"),)


def _resources(change: Change) -> tuple[Block, ...]:
    if not change.resources:
        return (Text("Nothing changes.", "subtle"),)
    rows = tuple(
        (_SYMBOLS[r.action], r.address, _attributes(r.attributes)) for r in change.resources
    )
    table = Table(("Action", "Resource", "What matters"), rows)
    return (Details(f"Resources ({plan_words(change)})", (table,)),)


def _attributes(attributes: tuple[object, ...]) -> str:
    shown = [_attribute(attribute) for attribute in attributes[:4]]
    more = len(attributes) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _attribute(attribute: object) -> str:
    path, before, after = (getattr(attribute, n) for n in ("path", "before", "after"))
    return f"{path} {after}" if before is None else f"{path} {before} -> {after}"


def gate_states(
    deployment: Deployment, step: Step, record: PlanRecord, people: People
) -> list[tuple[Gate, GateState]]:
    """The gates that matter now, each with where it stands."""
    moment = Moment.EXECUTION if isinstance(step.state, Confirming) else Moment.PLAN
    found = states(quorum(deployment, step, record, people, moment))
    return [(gate, found[gate.id]) for gate in record.gates if gate.moment is moment]


def gate_facts(gates: list[tuple[Gate, GateState]], people: People) -> Facts:
    names = {person.id: person.name for person in people}
    return Facts(tuple(_gate_fact(gate, state, names) for gate, state in gates))


def _gate_fact(gate: Gate, state: GateState, names: Mapping[PrincipalId, str]) -> Fact:
    return Fact("Sign-off", _standing(gate, state, names), gate.reason)


def _standing(gate: Gate, state: GateState, names: Mapping[PrincipalId, str]) -> str:
    match state:
        case Met(by=by):
            return "approved by " + " and ".join(names.get(who, who) for who in by)
        case Open(could=could):
            return "waits for " + (_names(could) or gate.asks_for)
        case Unmeetable(why=why, who_to_add=who):
            return f"cannot be met: {why}. Add {who} to the directory"


def could_decide(gates: list[tuple[Gate, GateState]]) -> frozenset[Principal]:
    return frozenset(p for _, state in gates if isinstance(state, Open) for p in state.could)


def _names(people: tuple[Principal, ...]) -> str:
    return " or ".join(person.name for person in people)
