"""Changes, people and standings to test approvals with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from approvals.change import Action, AttributeChange, Change, Digest, Operation, ResourceChange
from approvals.clicks import Accepted, Click, check
from approvals.gates import Decision, DecisionId, Gate, GateId, Moment, Verdict
from approvals.phase import Phase
from approvals.principals import Principal, PrincipalId, Role
from approvals.quorum import Standing
from approvals.refusals import Refused
from capabilities.cost import CostEstimate, CostLine

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SHOWN = Digest("sha256:" + "1" * 64)
OTHER = Digest("sha256:" + "2" * 64)


def person(name: str, *roles: Role) -> Principal:
    return Principal(PrincipalId(name), name.title(), frozenset(roles))


ANA = person("ana", Role.ENGINEER)
LENA = person("lena", Role.LEAD)
MIA = person("mia", Role.FINANCE)
OMAR = person("omar", Role.PLATFORM)
OLGA = person("olga", Role.PLATFORM)
SAM = person("sam", Role.SECURITY)
VIC = person("vic", Role.VIEWER)
EVERYBODY = (ANA, LENA, MIA, OMAR, OLGA, SAM, VIC)


def gate(name: str, *roles: Role, count: int = 1, moment: Moment = Moment.PLAN) -> Gate:
    return Gate(GateId(name), f"{name} it is", frozenset(roles), count=count, moment=moment)


PRODUCTION = gate("production", Role.PLATFORM)
FINANCE = gate("finance", Role.FINANCE)
CONFIRM = Gate(GateId("confirm"), "ana asks", people=frozenset({ANA.id}), excludes_requester=False)

_numbers = count()


def decision(
    by: Principal,
    verdict: Verdict = Verdict.APPROVE,
    digest: Digest = SHOWN,
    moment: Moment = Moment.PLAN,
) -> Decision:
    number = next(_numbers)
    at = NOON + timedelta(seconds=number)
    return Decision(DecisionId(f"e-{number}"), by.id, verdict, digest, moment, at)


def standing(
    *gates: Gate,
    decisions: tuple[Decision, ...] = (),
    people: tuple[Principal, ...] = EVERYBODY,
    requester: Principal = ANA,
    moment: Moment = Moment.PLAN,
) -> Standing:
    return Standing(gates, decisions, SHOWN, requester.id, people, moment)


def click(
    by: Principal,
    where: Standing,
    button: str = "approve",
    *,
    phase: Phase = Phase.AWAITING,
    shown: Digest = SHOWN,
    reason: str = "",
    moment: Moment | None = None,
) -> Refused | Accepted:
    id = DecisionId(f"c-{next(_numbers)}")
    pressed = Click(id, by, button, shown, NOON, reason, moment or where.moment)
    return check(pressed, where, phase)


def line(name: str, usd: float | None) -> CostLine:
    return CostLine(name, usd, "730 hours", "snapshot", None)


def created(name: str, **attributes: str) -> ResourceChange:
    changes = tuple(AttributeChange(path, None, after) for path, after in attributes.items())
    return ResourceChange(f"azurerm_thing.{name}", "azurerm_thing", Action.CREATE, changes)


CHANGE = Change(
    workspace="acme/production/databricks/ml",
    operation=Operation.APPLY,
    parameters={"min_workers": 2, "max_workers": 8},
    files={"main.tf": "aa", "variables.tf": "bb"},
    resources=(created("group", location="eastus"), created("workspace", sku="premium")),
    cost=CostEstimate((line("VMs", 410.5), line("DBUs", 100.0))),
    risks=(),
    findings=(),
)


def left(change: Change, *resources: ResourceChange) -> Change:
    return replace(change, resources=resources)
