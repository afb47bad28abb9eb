"""From the organisation's rules and the facts of a change to the gates it has to pass."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from approvals.change import Action, Change
from approvals.findings import Finding, Level
from approvals.gates import Gate, GateId, Moment
from approvals.organisation import Policy, Rule, When
from approvals.principals import PrincipalId, Role
from capabilities.capability import Risk, RiskKind
from capabilities.cost import CostEstimate, usd
from capabilities.values import Environment

LISTED = 3
"""How many risks, findings or resources a reason spells out."""

FALLBACK = Gate(
    id=GateId("no-rule"),
    reason="no rule of the policy says who signs off this plan, so platform does",
    roles=frozenset({Role.PLATFORM}),
)


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """What rules look at. `monthly_usd` sums what has a price, `unpriced` lists what has none."""

    environment: Environment
    monthly_usd: float
    unpriced: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()
    findings: tuple[Finding, ...] = ()
    destroys: tuple[str, ...] = ()
    """Addresses that are deleted or replaced."""


def facts_of(
    change: Change, environment: Environment, *, cost: CostEstimate | None = None
) -> ChangeFacts:
    """The facts of one step.

    `cost` is what thresholds look at when it is more than the step, e.g. the whole deployment:
    a request split in steps below a threshold is then still seen as what it is.
    """
    counted = cost or change.cost
    return ChangeFacts(
        environment=environment,
        monthly_usd=counted.monthly_usd,
        unpriced=counted.left_out,
        risks=(*change.risks, *_role_assignments(change)),
        findings=change.findings,
        destroys=_destroyed(change),
    )


def gates_for(facts: ChangeFacts, requester: PrincipalId, policy: Policy) -> tuple[Gate, ...]:
    """The gates of a step, in the order of the rules; there is always one on the plan.

    Where no rule asks for anybody on the plan, a platform approver has to look.
    """
    fitting = (rule for rule in policy.rule if _fits(rule.when, facts, policy))
    gates = _merged(_gate(rule, facts, requester, policy) for rule in fitting)
    on_plan = any(gate.moment is Moment.PLAN for gate in gates)
    return gates if on_plan else (FALLBACK, *gates)


def blocked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that nobody can override; while there are any, the step cannot be approved."""
    return tuple(each for each in findings if each.level is Level.HARD_MANDATORY)


def counted_usd(facts: ChangeFacts, policy: Policy) -> float:
    """What thresholds compare: a cost that is not wholly known gets the benefit of the doubt."""
    if facts.unpriced:
        return max(facts.monthly_usd, policy.unpriced_counts_as_usd)
    return facts.monthly_usd


def _fits(when: When, facts: ChangeFacts, policy: Policy) -> bool:
    return (
        (not when.environments or facts.environment in when.environments)
        and _costs(when, counted_usd(facts, policy))
        and (not when.risks or any(risk.kind in when.risks for risk in facts.risks))
        and (not when.findings or any(each.rule in when.findings for each in facts.findings))
        and (when.level is None or any(each.level is when.level for each in facts.findings))
        and (not when.destroys or bool(facts.destroys))
    )


def _costs(when: When, cost: float) -> bool:
    return (
        (when.cost_below_usd is None or cost < when.cost_below_usd)
        and (when.cost_from_usd is None or cost >= when.cost_from_usd)
        and (when.cost_above_usd is None or cost > when.cost_above_usd)
    )


def _gate(rule: Rule, facts: ChangeFacts, requester: PrincipalId, policy: Policy) -> Gate:
    need = rule.need
    return Gate(
        id=GateId(rule.id),
        reason=_reason(rule, facts, policy),
        roles=need.roles,
        people=frozenset({requester}) if need.requester else frozenset(),
        count=need.count,
        excludes_requester=need.excludes_requester and not need.requester,
        moment=need.moment,
    )


def _merged(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    """Gates that ask for the same people at the same moment become one, with every reason."""
    merged: dict[object, Gate] = {}
    for gate in gates:
        key = (gate.roles, gate.people, gate.excludes_requester, gate.moment)
        merged[key] = _joined(merged[key], gate) if key in merged else gate
    return tuple(merged.values())


def _joined(one: Gate, other: Gate) -> Gate:
    return replace(
        one,
        id=GateId(f"{one.id}+{other.id}"),
        reason=f"{one.reason}; {other.reason}",
        count=max(one.count, other.count),
    )


def _reason(rule: Rule, facts: ChangeFacts, policy: Policy) -> str:
    level = rule.when.level
    kinds = rule.when.risks or frozenset(RiskKind)
    return rule.reason.format(
        cost=_cost(facts, policy),
        environment=facts.environment.value,
        risks=_listed(risk.text for risk in facts.risks if risk.kind in kinds),
        findings=_listed(f.message for f in facts.findings if level in (None, f.level)),
        destroys=_listed(facts.destroys),
    )


def _cost(facts: ChangeFacts, policy: Policy) -> str:
    known = usd(facts.monthly_usd)
    if not facts.unpriced:
        return known
    least = usd(counted_usd(facts, policy))
    return f"{known} and no price for {_listed(facts.unpriced)}, counted as at least {least}"


def _listed(items: Iterable[str]) -> str:
    texts = list(dict.fromkeys(items))
    more = len(texts) - LISTED
    return ", ".join(texts[:LISTED]) + (f" and {more} more" if more > 0 else "")


def _destroyed(change: Change) -> tuple[str, ...]:
    ending = (Action.DELETE, Action.REPLACE)
    return tuple(each.address for each in change.resources if each.action in ending)


def _role_assignments(change: Change) -> tuple[Risk, ...]:
    """Role assignments that the plan makes, whether or not the capability spoke of them."""
    if any(risk.kind is RiskKind.ROLE_ASSIGNMENT for risk in change.risks):
        return ()
    return tuple(
        Risk(RiskKind.ROLE_ASSIGNMENT, f"{each.address} gives somebody a role")
        for each in change.resources
        if each.type.endswith("_role_assignment") and each.action is not Action.DELETE
    )
