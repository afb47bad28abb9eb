from typing import Any

import pytest

from capabilities.azure.openai_models import models
from capabilities.capability import RiskKind
from capabilities.registry import catalogue
from tests.requests import asked, parameters

OPENAI = catalogue()["azure_openai"]


def test_a_model_brings_its_version_and_deployment_name() -> None:
    given = parameters("azure_openai", model="GPT 4o", team="marketing", environment="dev")
    assert (given.model, given.model_version, given.deployment_name) == (
        "gpt-4o",
        "2024-11-20",
        "gpt-4o",
    )
    assert given.account_name.startswith("oai-marketing-dev-")


@pytest.mark.parametrize(("environment", "capacity"), [("production", 100), ("dev", 10)])
def test_the_environment_decides_the_capacity(environment: str, capacity: int) -> None:
    assert parameters("azure_openai", environment=environment).capacity_thousand_tpm == capacity


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"model": "gpt-4.2"}, "nearest: gpt-4.1"),
        ({"model_version": "2020-01-01"}, "gpt-5.1 has version 2025-11-13"),
        ({"sku": "Standard"}, "gpt-5.1 is deployed as GlobalStandard or DataZoneStandard"),
        ({"account_name": "oai_ml"}, "letters, digits and -"),
        ({"capacity_thousand_tpm": 0}, "greater than or equal to 1"),
    ],
)
def test_what_azure_would_refuse_is_refused_with_what_would_do(
    wrong: dict[str, Any], right: str
) -> None:
    resolved = asked("azure_openai", **wrong)
    assert resolved.parameters is None
    assert any(right in problem.message for problem in resolved.problems), resolved.problems


def test_opening_it_is_a_risk() -> None:
    assert OPENAI.risks(parameters("azure_openai")) == ()
    opened = OPENAI.risks(parameters("azure_openai", public_network_access=True))
    assert [risk.kind for risk in opened] == [RiskKind.INTERNET]


def test_a_smaller_model_is_offered_with_all_that_belongs_to_it() -> None:
    (option,) = OPENAI.cheaper(parameters("azure_openai"))
    assert option.changes == {
        "model": "gpt-5-mini",
        "model_version": "2025-08-07",
        "deployment_name": "gpt-5-mini",
    }


def test_smaller_models_exist() -> None:
    assert all(each.smaller is None or each.smaller in models() for each in models().values())
