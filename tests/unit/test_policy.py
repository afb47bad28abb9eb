"""The shipped policy at its thresholds, and what a policy file may not say."""

from dataclasses import replace
from typing import Any

import pytest

from approvals.change import Action, ResourceChange
from approvals.findings import Finding, Level
from approvals.gates import Gate, Moment
from approvals.organisation import PolicyError, load, shipped
from approvals.policy import ChangeFacts, blocked, facts_of, gates_for
from approvals.principals import Role
from capabilities.capability import Risk, RiskKind
from capabilities.cost import CostEstimate
from capabilities.values import Environment
from tests.unit.approving import ANA, CHANGE, left, line

POLICY = shipped()
DEV, TEST, STAGING, PRODUCTION = Environment
SOFT = Finding("missing-tags", Level.SOFT_MANDATORY, "a.b", "tags missing: team")


def _gates(environment: Environment, usd: float = 0.0, **facts: Any) -> tuple[Gate, ...]:
    return gates_for(ChangeFacts(environment, usd, **facts), ANA.id, POLICY)


def _ids(environment: Environment, usd: float = 0.0, **facts: Any) -> list[str]:
    return [gate.id for gate in _gates(environment, usd, **facts)]


@pytest.mark.parametrize(
    ("environment", "usd", "ids"),
    [
        (DEV, 0.0, ["confirm"]),
        (DEV, 199.99, ["confirm"]),
        (TEST, 199.99, ["confirm"]),
        (DEV, 200.0, ["second-person"]),
        (TEST, 200.0, ["second-person"]),
        (DEV, 1000.0, ["second-person"]),
        (DEV, 1000.01, ["second-person", "finance"]),
        (STAGING, 0.0, ["staging"]),
        (STAGING, 1000.0, ["staging"]),
        (STAGING, 1000.01, ["staging", "finance"]),
        (PRODUCTION, 0.0, ["production"]),
        (PRODUCTION, 1000.0, ["production"]),
        (PRODUCTION, 1000.01, ["production", "finance"]),
    ],
)
def test_thresholds(environment: Environment, usd: float, ids: list[str]) -> None:
    assert _ids(environment, usd) == ids


def test_who_signs_what() -> None:
    (confirm,) = _gates(DEV)
    assert (confirm.people, confirm.roles, confirm.excludes_requester) == (
        frozenset({ANA.id}),
        frozenset(),
        False,
    )
    (second,) = _gates(DEV, 200)
    assert (second.roles, second.excludes_requester) == (
        frozenset({Role.LEAD, Role.PLATFORM}),
        True,
    )
    assert _gates(STAGING)[0].roles == {Role.LEAD, Role.PLATFORM}
    production, finance = _gates(PRODUCTION, 2000)
    assert (production.roles, finance.roles) == (
        frozenset({Role.PLATFORM}),
        frozenset({Role.FINANCE}),
    )
    assert "($2,000)" in finance.reason


@pytest.mark.parametrize("kind", [RiskKind.INTERNET, RiskKind.ROLE_ASSIGNMENT])
def test_security_signs_what_opens_to_the_internet_and_who_gets_a_role(kind: RiskKind) -> None:
    gates = _gates(DEV, risks=(Risk(kind, "port 443 from anywhere"),))
    assert [gate.id for gate in gates] == ["confirm", "security"]
    assert gates[1].roles == {Role.SECURITY}
    assert gates[1].reason == "security has to agree: port 443 from anywhere"
    assert _ids(DEV, risks=(Risk(RiskKind.STATEFUL, "data"),)) == ["confirm"]


def test_security_signs_what_the_plan_opens_even_if_no_capability_said_so() -> None:
    found = Finding("public-access", Level.ADVISORY, "a.b", "port 22 is open")
    assert _ids(DEV, findings=(found,)) == ["confirm", "security-finding"]
    assert _ids(DEV, findings=(replace(found, rule="public-endpoint"),)) == ["confirm"]


def test_destroying_outside_dev_is_confirmed_at_execution() -> None:
    assert _ids(DEV, destroys=("a.b",)) == ["confirm"]
    for environment in (TEST, STAGING, PRODUCTION):
        *_, last = _gates(environment, destroys=("a.b", "a.c", "a.d", "a.e"))
        assert (last.id, last.moment, last.roles) == (
            "destroy",
            Moment.EXECUTION,
            frozenset({Role.PLATFORM}),
        )
        assert last.reason.endswith("a.b, a.c, a.d and 1 more")


def test_a_soft_finding_needs_platform_and_says_what_is_overridden() -> None:
    assert _ids(DEV, findings=(SOFT,)) == ["confirm", "override"]
    (one,) = _gates(PRODUCTION, findings=(SOFT,))
    assert one.id == "production+override"
    assert one.reason.endswith("a platform approver has to override: tags missing: team")


def test_a_cost_that_is_not_wholly_known_needs_a_second_person_and_says_why() -> None:
    (gate,) = _gates(DEV, 12.5, unpriced=("GPU hours",))
    assert gate.id == "second-person"
    assert "$12.50 and no price for GPU hours, counted as at least $200" in gate.reason
    assert _ids(DEV, 1500, unpriced=("GPU hours",)) == ["second-person", "finance"]


def test_only_hard_findings_block() -> None:
    hard = replace(SOFT, level=Level.HARD_MANDATORY)
    assert blocked((SOFT, hard)) == (hard,)


def test_facts_come_from_the_change_and_see_role_assignments_in_the_plan() -> None:
    role = ResourceChange("a.role", "azurerm_role_assignment", Action.CREATE, ())
    gone = ResourceChange("a.gone", "t", Action.DELETE, ())
    anew = ResourceChange("a.anew", "t", Action.REPLACE, ())
    facts = facts_of(left(CHANGE, role, gone, anew), PRODUCTION)
    assert facts.monthly_usd == 510.5
    assert facts.destroys == ("a.gone", "a.anew")
    assert [risk.kind for risk in facts.risks] == [RiskKind.ROLE_ASSIGNMENT]


def test_a_whole_deployments_cost_can_decide() -> None:
    whole = CostEstimate((line("step 1", 900.0), line("step 2", 900.0)))
    assert facts_of(CHANGE, DEV, cost=whole).monthly_usd == 1800.0


def test_a_policy_without_a_fitting_rule_asks_platform() -> None:
    policy = POLICY.model_copy(update={"rule": POLICY.rule[-1:]})
    gates = gates_for(ChangeFacts(TEST, 1, destroys=("a.b",)), ANA.id, policy)
    assert [gate.id for gate in gates] == ["no-rule", "destroy"]
    assert gates[0].roles == {Role.PLATFORM}


HEAD = 'allowed_regions = ["eastus"]\nrequired_tags = []\nunpriced_counts_as_usd = 200\n'
RULE = '[[rule]]\nid = "r"\nwhen = {}\nneed = { roles = ["lead"] }\nreason = "because"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rule = [", "reading policy org.toml: "),
        (HEAD, "the file, rule: Field required"),
        (HEAD + RULE + RULE, "each rule needs its own id; twice: r"),
        (HEAD + RULE.replace("lead", "boss"), "rule 'r', need.roles.0: Input should be 'engineer'"),
        (HEAD + RULE.replace("lead", "viewer"), "rule 'r', need: a viewer cannot sign"),
        (HEAD + RULE.replace('["lead"]', "[]"), "say either requester = true or roles = [...]"),
        (HEAD + RULE.replace("{}", "{ env = 1 }"), "when.env: there is no such setting, there are"),
        (HEAD + RULE.replace("because", "{price}"), "a reason can quote {cost}, {destroys}"),
        (HEAD + RULE.replace("because", "{cost.x}"), "a reason can quote {cost}, {destroys}"),
        (HEAD + RULE.replace("because", "{cost:>9}"), "a reason can quote {cost}, {destroys}"),
        (HEAD + RULE.replace("because", "{"), "rule 'r', reason:"),
        (HEAD + RULE.replace('id = "r"\n', ""), "rule number 1, id: Field required"),
        ("rule = 3\n" + HEAD, "the file, rule: Input should be a valid tuple"),
        ("rule = [3]\n" + HEAD, "rule number 1: Input should be"),
    ],
)
def test_a_bad_policy_names_file_rule_and_what_is_allowed(text: str, says: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load(text, file="org.toml")
    assert "org.toml" in str(caught.value)
    assert says in str(caught.value)
