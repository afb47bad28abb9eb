from typing import Any

import pytest

from capabilities.capability import RiskKind
from capabilities.registry import catalogue
from tests.requests import asked, parameters

STORAGE = catalogue()["storage"]
SOMEBODY = "aaaaaaaa-0000-0000-0000-00000000000a"


@pytest.mark.parametrize(
    ("environment", "replication"),
    [("production", "ZRS"), ("staging", "ZRS"), ("test", "LRS"), ("dev", "LRS")],
)
def test_the_environment_decides_the_copies(environment: str, replication: str) -> None:
    assert parameters("storage", environment=environment).replication == replication


def test_it_is_closed_until_somebody_opens_it() -> None:
    closed = parameters("storage")
    assert not closed.public_network_access
    assert not closed.selected_networks
    assert parameters("storage", allowed_ip_ranges=["203.0.113.0/24"]).selected_networks


def kinds(**values: Any) -> set[RiskKind]:
    return {risk.kind for risk in STORAGE.risks(parameters("storage", **values))}


def test_risks_say_what_approvers_must_know() -> None:
    assert kinds() == {RiskKind.STATEFUL}
    assert RiskKind.INTERNET in kinds(public_network_access=True)
    assert RiskKind.INTERNET in kinds(allowed_ip_ranges=["0.0.0.0/0"])
    assert RiskKind.INTERNET not in kinds(allowed_ip_ranges=["203.0.113.0/24"])
    assert RiskKind.ROLE_ASSIGNMENT in kinds(databricks_access=True)
    assert RiskKind.ROLE_ASSIGNMENT in kinds(reader_object_ids=[SOMEBODY])


def test_databricks_access_needs_the_identity_of_the_databricks_step() -> None:
    needs = STORAGE.inputs(parameters("storage", databricks_access=True))
    assert ("databricks_principal_id", "access_connector_principal_id") in {
        (need.variable, need.output) for need in needs
    }
    offered = {output.name for output in catalogue()["databricks"].outputs}
    assert {need.output for need in needs} <= offered
    assert STORAGE.inputs(parameters("storage")) == ()


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"account_name": "st-ml-prod"}, "only a-z and 0-9"),
        ({"account_name": "st"}, "3 to 24 characters"),
        ({"containers": ["Raw"]}, "only a-z, 0-9 and single hyphens"),
        ({"containers": ["raw", "raw"]}, "each name once"),
        ({"allowed_ip_ranges": ["10.20.0.0/16"]}, "use a private endpoint"),
        ({"allowed_ip_ranges": ["the office"]}, "write 203.0.113.0/24"),
        ({"allowed_ip_ranges": ["203.0.113.0/31"]}, "write 203.0.113.0 and 203.0.113.1"),
        ({"reader_object_ids": ["ben"]}, "not an Entra object id"),
        ({"replication": "XRS"}, "LRS"),
        (
            {"public_network_access": True, "allowed_ip_ranges": ["203.0.113.7"]},
            "with allowed_ip_ranges leave it off",
        ),
    ],
)
def test_what_azure_would_refuse_is_refused_with_what_would_do(
    wrong: dict[str, Any], right: str
) -> None:
    resolved = asked("storage", **wrong)
    assert resolved.parameters is None
    assert any(right in problem.message for problem in resolved.problems), resolved.problems


def test_single_addresses_are_written_as_azure_wants_them() -> None:
    given = parameters("storage", allowed_ip_ranges=["203.0.113.7/32", "203.0.113.77/24"])
    assert given.allowed_ip_ranges == ["203.0.113.7", "203.0.113.0/24"]


def test_fewer_copies_are_offered_first() -> None:
    options = STORAGE.cheaper(parameters("storage", replication="GRS"))
    assert options[0].changes == {"replication": "LRS"}
