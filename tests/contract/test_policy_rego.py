"""What the shipped rules find in plans, and what a broken rule does."""

import json
from pathlib import Path
from typing import Any

import pytest

from approvals.findings import Level
from approvals.organisation import shipped
from capabilities.values import Environment
from orchestration.adapters.rego import LIBRARY, RegoPolicy, rules_in, shipped_rules
from orchestration.errors import PermanentError
from orchestration.ports import PlanFacts, WorkspaceId

PLANS = Path(__file__).parent / "plans"
POLICY = RegoPolicy(shipped_rules(), required_tags=shipped().required_tags)
SOFT, HARD, ADVISORY = Level.SOFT_MANDATORY, Level.HARD_MANDATORY, Level.ADVISORY


def _facts(plan: dict[str, Any], environment: Environment = Environment.PRODUCTION) -> PlanFacts:
    workspace = WorkspaceId(f"acme/{environment.value}/databricks/ml")
    return PlanFacts(workspace, environment, "databricks", {}, shipped().allowed_regions, plan)


def _plan(name: str) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads((PLANS / f"{name}.json").read_text(encoding="utf-8"))
    return plan


async def _found(
    name: str, environment: Environment = Environment.PRODUCTION
) -> list[tuple[str, str, Level]]:
    findings = await POLICY.check(_facts(_plan(name), environment))
    return [(each.address, each.rule, each.level) for each in findings]


async def test_a_clean_plan_has_no_findings() -> None:
    assert await _found("clean") == []


async def test_missing_tags_are_named_but_not_those_that_are_not_known_yet() -> None:
    findings = await POLICY.check(_facts(_plan("untagged")))
    assert [(each.address, each.message.split(";")[0]) for each in findings] == [
        ('azurerm_resource_group.main["ml"]', "tags missing: signoff-workspace"),
        (
            "databricks_cluster.main",
            "tags missing: environment, signoff-workspace, team",
        ),
    ]
    assert {each.level for each in findings} == {SOFT}


@pytest.mark.parametrize(
    ("environment", "level"), [(Environment.DEV, ADVISORY), (Environment.STAGING, SOFT)]
)
async def test_what_everybody_can_reach_is_found(environment: Environment, level: Level) -> None:
    assert await _found("open", environment) == [
        ("azurerm_cognitive_account.main", "public-endpoint", ADVISORY),
        ("azurerm_network_security_rule.https", "public-access", level),
        ("azurerm_storage_container.raw", "public-access", level),
    ]


async def test_a_finding_says_what_and_what_to_do() -> None:
    findings = await POLICY.check(_facts(_plan("open")))
    assert findings[1].message == (
        "port 443, 8443 is open to everybody; "
        "restrict it, or say in the request why it has to be open"
    )


async def test_retired_sizes_and_other_regions_cannot_be_approved() -> None:
    assert await _found("retired") == [
        ("azurerm_public_ip.main", "region-not-allowed", HARD),
        ("azurerm_public_ip.main", "retired-sku", HARD),
        ("databricks_cluster.main", "retired-size", HARD),
    ]


@pytest.mark.parametrize(
    ("environment", "level"),
    [(Environment.DEV, ADVISORY), (Environment.TEST, SOFT), (Environment.PRODUCTION, SOFT)],
)
async def test_destroying_what_holds_data_is_found(environment: Environment, level: Level) -> None:
    assert await _found("destroy", environment) == [
        ("azurerm_databricks_workspace.main", "stateful-destroy", level),
        ("azurerm_storage_account.lake", "stateful-destroy", level),
    ]


async def test_hostile_text_in_a_plan_is_only_text() -> None:
    plan = _plan("retired")
    plan["resource_changes"][0]["address"] = 'x["\\"}\n`${data.signoff}` é \\u0000"]'
    findings = await POLICY.check(_facts(plan))
    assert plan["resource_changes"][0]["address"] in {each.address for each in findings}


async def test_an_empty_plan_has_no_findings() -> None:
    assert await POLICY.check(_facts({})) == ()


EXAMPLES = """
examples := [{"plan": {"resource_changes": [{"address": "a.b"}]}}]
"""

RULE = """package signoff.own

import rego.v1

finding contains {"rule": "own", "level": "advisory", "address": each.address, "message": "m"} if {
	some each in input.plan.resource_changes
}
"""


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("finding := 1", "line 1: it has to begin with `package signoff.<name>`"),
        (RULE, "line 1: it needs `examples`"),
        (RULE + "examples := []", "line 1: it needs at least one example"),
        (RULE + "x := {" + EXAMPLES, "line 8: this is unclosed"),
        (
            RULE.replace("in input", "in imput") + EXAMPLES,
            "line 5: it finds nothing in its",
        ),
        (RULE.replace("some each", "lost(3)\n\tsome each") + EXAMPLES, "line 5: "),
        (RULE.replace('"m"', "startswith(1, 2)") + EXAMPLES, "line 5: "),
        (RULE.replace("advisory", "severe") + EXAMPLES, "line 5: finding level: Input should be"),
        (RULE.replace('"m"', "3") + EXAMPLES, "line 5: finding message: Input should be"),
    ],
)
def test_a_broken_rule_names_file_and_line(source: str, says: str) -> None:
    sources = {LIBRARY: shipped_rules()[LIBRARY], "own.rego": source}
    with pytest.raises(PermanentError) as caught:
        RegoPolicy(sources, required_tags=())
    assert f"policy rule own.rego, {says}" in str(caught.value)


async def test_an_organisation_can_add_rules_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "own.rego").write_text(RULE + EXAMPLES, encoding="utf-8")
    policy = RegoPolicy({**shipped_rules(), **rules_in(tmp_path)}, required_tags=("team",))
    findings = await policy.check(_facts(_plan("destroy")))
    assert [each.address for each in findings if each.rule == "own"] == [
        "azurerm_databricks_workspace.main",
        "azurerm_resource_group.main",
        "azurerm_storage_account.lake",
    ]
