"""What a plan changes, who has to agree to it and who has: the blocks of a step."""

from collections.abc import Mapping

from approvals.change import Action, Change, ResourceChange
from approvals.difference import difference
from approvals.findings import Finding, Level
from approvals.gates import Gate, GateState, Met, Moment, Open, Unmeetable
from approvals.principals import Principal, PrincipalId
from approvals.quorum import states
from approvals.summary import summary
from capabilities.capability import Risk, RiskKind
from orchestration.cards.model import Block, Details, Fact, Facts, Table, Text
from orchestration.deployment import Confirming, Deployment, PlanRecord, Step, plan_key
from orchestration.gating import quorum
from orchestration.transitions import People

_DIFFERENCES = 8
"""Sentences on the face of a card."""
_LEVELS = {
    Level.ADVISORY: "Policy advises:",
    Level.SOFT_MANDATORY: "Policy needs an override:",
    Level.HARD_MANDATORY: "Policy forbids this:",
}
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
    """What has to be decided on: the difference, what is lost, risks and findings."""
    change = record.change
    ending = _endings(change)
    return (
        *difference_blocks(deployment, step, record),
        *ending,
        *(Text(f"Risk: {r.text}", "warning") for r in change.risks if _matters(r, bool(ending))),
        *(Text(_finding(f), "warning") for f in change.findings),
    )


def difference_blocks(deployment: Deployment, step: Step, record: PlanRecord) -> tuple[Block, ...]:
    """What differs from the plan that was signed off before; all of it, the rest on demand."""
    if record.replaces is None or record.carried:
        return ()
    old = deployment.plans.get(plan_key(step.id, record.replaces))
    if old is None or old.digest == record.digest:
        return ()
    lines = [Text(f"- {line}") for line in difference(old.change, record.change)]
    title = Text(f"Only this differs from plan {old.number}, decide on it again:", "warning")
    rest = lines[_DIFFERENCES:]
    more = (Details(f"{len(rest)} more differences", tuple(rest)),) if rest else ()
    return (title, *lines[:_DIFFERENCES], *more)


def _matters(risk: Risk, destroys: bool) -> bool:
    """That something holds data matters when it ends."""
    return destroys or risk.kind is not RiskKind.STATEFUL


def _finding(finding: Finding) -> str:
    return f"{_LEVELS[finding.level]} {finding.message}"


def _endings(change: Change) -> tuple[Block, ...]:
    ending = [r for r in change.resources if r.action in (Action.DELETE, Action.REPLACE)]
    if not ending:
        return ()
    return (Text("This destroys " + ", ".join(map(_called, ending)), "bad"),)


def _called(resource: ResourceChange) -> str:
    """`storage account`, or its address where there may be more than one."""
    made_anew = " (made anew)" if resource.action is Action.REPLACE else ""
    return f"{thing(resource.address)}{made_anew}"


def thing(address: str) -> str:
    """What an address stands for: `storage account` for `azurerm_storage_account.this`."""
    type_, _, name = address.rpartition("module.")[2].partition(".")
    words = type_.partition("_")[2].replace("_", " ") or type_
    key = name.partition("[")[2].strip(']"')
    if key:
        return f"{words} {key}"
    return words if name in {"this", "main"} else f"{words} {name}".strip()


def change_facts(change: Change) -> Facts:
    """What is made and what is changed, in words; what ends is a warning of its own."""
    made = [thing(r.address) for r in change.resources if r.action is Action.CREATE]
    changed = [r for r in change.resources if r.action is Action.UPDATE]
    rows = [
        *([Fact("Creates", ", ".join(made))] if made else []),
        *(Fact(f"Changes {thing(r.address)}", _attributes(r.attributes)) for r in changed),
    ]
    return Facts(tuple(rows) if change.resources else (Fact("Changes", "nothing"),))


def resource_details(change: Change) -> Table:
    rows = tuple(
        (_SYMBOLS[r.action], r.address, _attributes(r.attributes)) for r in change.resources
    )
    return Table(("Action", "Resource", "What matters"), rows)


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
            return f"approved by {' and '.join(names.get(who, who) for who in by)}"
        case Open(missing=missing):
            count = f"{missing} of " if missing > 1 else ""
            return f"waits for {count}{asked_of(gate, state)}"
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
