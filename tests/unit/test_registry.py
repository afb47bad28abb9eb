"""What holds for every capability."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capabilities.capability import SHARED, resolve
from capabilities.registry import catalogue
from capabilities.values import Environment
from tests.requests import asked, said

EVERY = pytest.mark.parametrize("capability", catalogue().ids())
ANYTHING: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


def test_these_can_be_asked_for() -> None:
    assert catalogue().ids() == ("databricks", "azure_openai", "storage")


@EVERY
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_value_breaks_a_draft(capability: str, data: st.DataObject) -> None:
    chosen = catalogue()[capability]
    fields = sorted(chosen.parameters.model_fields)
    values = data.draw(st.dictionaries(st.sampled_from(fields), ANYTHING, max_size=5))
    assert resolve(chosen, said(**values)).values.keys() >= values.keys()


@EVERY
@pytest.mark.parametrize("environment", Environment)
def test_team_environment_and_region_are_enough(capability: str, environment: str) -> None:
    resolved = asked(capability, environment=environment)
    assert resolved.parameters is not None
    assert (resolved.missing, resolved.problems) == ((), ())


@EVERY
def test_nothing_is_asked_that_can_be_decided(capability: str) -> None:
    asks = [ask.parameter for ask in resolve(catalogue()[capability], {}).missing]
    assert asks == ["team", "environment", "region"]
    assert set(asks) < set(SHARED)


@EVERY
def test_two_of_a_kind_share_no_name(capability: str) -> None:
    chosen = catalogue()[capability]
    names = [key for key in chosen.parameters.model_fields if key.endswith("_name")]
    for key in {*names, "resource_group"} - {"deployment_name"}:
        first, second = asked(capability), asked(capability, ordinal=2)
        assert first.values[key].value != second.values[key].value


@EVERY
def test_every_decision_is_a_parameter_and_has_a_reason(capability: str) -> None:
    chosen = catalogue()[capability]
    decided = chosen.decide({"team": "ml", "environment": "dev"}, 1)
    assert decided.keys() <= chosen.parameters.model_fields.keys()
    assert all(choice.because for choice in decided.values())


@EVERY
def test_every_parameter_is_described(capability: str) -> None:
    fields = catalogue()[capability].parameters.model_fields
    assert [key for key, info in fields.items() if not info.description] == []


@EVERY
def test_its_schema_can_be_given_to_a_planner(capability: str) -> None:
    schema = catalogue()[capability].parameters.model_json_schema()
    assert schema["properties"].keys() == catalogue()[capability].parameters.model_fields.keys()


@EVERY
def test_the_name_parameter_exists(capability: str) -> None:
    chosen = catalogue()[capability]
    assert chosen.name_parameter in chosen.parameters.model_fields
