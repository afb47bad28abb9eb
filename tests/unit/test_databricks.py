from typing import Any

import pytest

from capabilities.azure.node_types import node_types, parse_node_type, smaller
from capabilities.capability import RiskKind, resolve
from capabilities.registry import catalogue
from tests.requests import asked, parameters, said

DATABRICKS = catalogue()["databricks"]


def test_the_example_comes_out_as_promised() -> None:
    given = parameters("databricks", team="ml", environment="production", region="East US")
    assert given.resource_group == "rg-ml-prod"
    assert given.workspace_name == "dbw-ml-prod"
    assert given.region == "eastus"
    assert given.sku == "premium"
    assert given.on_gpu
    assert given.ml_runtime
    assert (given.min_workers, given.max_workers) == (2, 8)
    assert not given.public_network_access


def test_corrections_keep_the_rest() -> None:
    changed = asked("databricks", resource_group="rg-ml-team-prod", min_workers=1, max_workers=4)
    origins = {key: value.origin for key, value in changed.values.items()}
    assert origins["resource_group"] == origins["max_workers"] == "said by ana"
    assert origins["workspace_name"] == "suggested"


def test_every_decision_has_a_reason() -> None:
    decided = DATABRICKS.decide({"team": "ml", "environment": "production"}, 1)
    assert all(choice.because for choice in decided.values())
    assert "GPU" in decided["node_type"].because


@pytest.mark.parametrize(
    ("team", "workload", "gpu", "runtime"),
    [
        ("ml", "machine_learning", True, "16.4.x-gpu-ml-scala2.12"),
        ("ai-research", "machine_learning", True, "16.4.x-gpu-ml-scala2.12"),
        ("data-science", "data_science", False, "16.4.x-cpu-ml-scala2.12"),
        ("payments", "data_engineering", False, "16.4.x-scala2.12"),
        ("html", "data_engineering", False, "16.4.x-scala2.12"),
    ],
)
def test_what_the_team_does_decides_the_nodes(
    team: str, workload: str, gpu: bool, runtime: str
) -> None:
    given = parameters("databricks", team=team)
    assert (given.workload, given.on_gpu, given.spark_version) == (workload, gpu, runtime)


@pytest.mark.parametrize(
    ("environment", "workers", "minutes"),
    [
        ("production", (2, 8), 60),
        ("staging", (1, 4), 45),
        ("test", (1, 3), 30),
        ("dev", (1, 2), 20),
    ],
)
def test_the_environment_decides_the_size(
    environment: str, workers: tuple[int, int], minutes: int
) -> None:
    given = parameters("databricks", environment=environment)
    assert (given.min_workers, given.max_workers) == workers
    assert given.autotermination_minutes == minutes


def test_one_bound_moves_the_other() -> None:
    assert parameters("databricks", max_workers=1).min_workers == 1
    assert parameters("databricks", min_workers=12).max_workers == 12


def test_gpu_nodes_bring_the_ml_runtime_with_them() -> None:
    assert parameters("databricks", team="payments", node_type="nc4as_t4_v3").ml_runtime


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (
            {"node_type": "Standard_NC6s_v3"},
            "retired the NC v3 series on 2025-09-30; use Standard_NC4",
        ),
        ({"node_type": "Standard_NC6"}, "retired the NC series on 2023-09-06"),
        ({"node_type": "Standard_D8s_v55"}, "nearest: Standard_D8s_v5"),
        ({"node_type": "banana"}, "nearest: Standard_D4s_v5"),
        ({"sku": "standard"}, "use premium instead"),
        ({"min_workers": 5, "max_workers": 2}, "min_workers (5) is more than max_workers (2)"),
        ({"autotermination_minutes": 5}, "10 to 10000 minutes, or 0"),
        ({"node_type": "Standard_NC4as_T4_v3", "ml_runtime": False}, "GPUs, which need ml_runtime"),
        ({"workspace_name": "x"}, "3 to 64 characters"),
        ({"region": "east"}, "did you mean"),
        ({"tags": {"team": "x"}}, "set by Signoff"),
        ({"tags": {"a/b": "x"}}, "none of"),
        ({"tags": {"azure-x": "x"}}, "reserves"),
    ],
)
def test_what_azure_would_refuse_is_refused_with_what_would_do(
    wrong: dict[str, Any], right: str
) -> None:
    resolved = asked("databricks", **wrong)
    assert resolved.parameters is None
    assert any(right in problem.message for problem in resolved.problems), resolved.problems


def test_only_team_environment_and_region_are_asked_most_important_first() -> None:
    nothing, team = resolve(DATABRICKS, {}), resolve(DATABRICKS, said(team="ml"))
    assert [ask.parameter for ask in nothing.missing] == ["team", "environment", "region"]
    assert [ask.parameter for ask in team.missing] == ["environment", "region"]
    assert team.missing[1].suggestions == ("eastus", "westus2", "westeurope")


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"team": 7, "environment": "moon", "max_workers": "many"},
        {"environment": ["dev"], "team": {}},
        {"node_type": [], "workload": [], "team": "No Team!"},
    ],
)
def test_deciding_never_raises(bad: dict[str, Any]) -> None:
    assert "workspace_name" not in DATABRICKS.decide(bad, 1)


def test_risks_say_what_approvers_must_know() -> None:
    closed = DATABRICKS.risks(parameters("databricks"))
    opened = DATABRICKS.risks(parameters("databricks", public_network_access=True))
    assert [risk.kind for risk in closed] == [RiskKind.STATEFUL]
    assert [risk.kind for risk in opened] == [RiskKind.INTERNET, RiskKind.STATEFUL]


def test_node_types_are_found_however_they_are_written() -> None:
    assert parse_node_type(" standard_ds4_V2 ") == parse_node_type("DS4_v2") == "Standard_DS4_v2"
    assert smaller("Standard_D8s_v5") == "Standard_D4s_v5"
    assert smaller("Standard_NC4as_T4_v3") is None
    assert len(node_types()) == 260


def test_said_values_are_shown_as_they_were_understood() -> None:
    assert asked("databricks", region="East US").values["region"].value == "eastus"
    assert said(region="East US")["region"].value == "East US"


@pytest.mark.parametrize(
    ("given", "node", "runtime"),
    [
        ({"team": "ml", "gpu": False}, "Standard_D8s_v5", True),
        ({"team": "payments", "gpu": True}, "Standard_NC4as_T4_v3", True),
        ({"team": "ml", "node_type": "d8s_v5"}, "Standard_D8s_v5", True),
        ({"team": "payments"}, "Standard_D8s_v5", False),
    ],
)
def test_wanting_gpus_or_none_decides_the_node_type(
    given: dict[str, Any], node: str, runtime: bool
) -> None:
    chosen = parameters("databricks", **given)
    assert (chosen.node_type, chosen.ml_runtime) == (node, runtime)
    assert chosen.gpu == chosen.on_gpu


def test_a_node_type_with_gpus_and_no_gpus_contradict() -> None:
    resolved = resolve(DATABRICKS, asked("databricks", node_type="nc4as_t4_v3", gpu=False).values)
    assert "has GPUs, but gpu is false" in resolved.problems[0].message
