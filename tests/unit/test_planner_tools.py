"""The tools by themselves: no Semantic Kernel, no model."""

import json
from typing import Any

import pytest

from capabilities.registry import catalogue
from orchestration.draft import Draft
from orchestration.planner.consent import SAYING, asks_for
from orchestration.planner.desk import Turn, Verb
from orchestration.planner.schema import parameters_of
from orchestration.planner.tools.tool import call
from orchestration.planner.tools.toolbox import toolbox
from orchestration.planner.worksheet import Worksheet, opened
from tests.planner_chat import ANA, NOW, FakeDesk

TOOLS = {tool.name: tool for tool in toolbox(catalogue())}
READY = {
    "add": [{"capability": "databricks"}],
    "set_values": [
        {"parameter": "team", "value": "ml"},
        {"parameter": "environment", "value": "dev"},
        {"parameter": "region", "value": "West Europe"},
    ],
}


@pytest.fixture
def sheet() -> Worksheet:
    return opened(Turn("looks good", ANA, NOW, Draft()), FakeDesk(), catalogue())


async def _does(sheet: Worksheet, tool: str, **arguments: Any) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(await call(TOOLS[tool], sheet, arguments))
    return result


async def test_update_says_what_changed_and_what_is_missing(sheet: Worksheet) -> None:
    result = await _does(sheet, "update_draft", add=[{"capability": "storage"}])
    assert result["missing"] == ["team", "environment", "region"]
    assert "team" in result["next"] and not result["complete"]


async def test_a_region_is_kept_by_its_id(sheet: Worksheet) -> None:
    await _does(sheet, "update_draft", **READY)
    assert sheet.draft.shared["region"].value == "westeurope"


async def test_contradicting_values_are_refused_together(sheet: Worksheet) -> None:
    await _does(sheet, "update_draft", **READY)
    bounds = [
        {"parameter": "min_workers", "value": 9},
        {"parameter": "max_workers", "value": 3},
    ]
    result = await _does(sheet, "update_draft", set_values=bounds)
    assert "min_workers (9)" in result["problems"][0] and not sheet.draft.steps[0].said


async def test_the_good_values_of_a_call_are_kept(sheet: Worksheet) -> None:
    values = [
        {"parameter": "region", "value": "atlantis"},
        {"parameter": "team", "value": "ml"},
    ]
    result = await _does(sheet, "update_draft", set_values=values)
    assert list(sheet.draft.shared) == ["team"] and "atlantis" in result["problems"][0]


async def test_a_parameter_of_another_capability_is_refused(sheet: Worksheet) -> None:
    await _does(sheet, "update_draft", **READY)
    value = [{"parameter": "replication", "value": "GRS", "step": "databricks"}]
    result = await _does(sheet, "update_draft", set_values=value)
    assert result["problems"] == ["databricks has no 'replication'"]


async def test_an_unknown_step_is_an_error_that_names_the_steps(sheet: Worksheet) -> None:
    await _does(sheet, "update_draft", **READY)
    result = await _does(sheet, "update_draft", remove=["storage"])
    assert result["error"] == "there is no step 'storage'; the steps are: databricks"


async def test_unset_takes_a_value_back(sheet: Worksheet) -> None:
    await _does(sheet, "update_draft", **READY)
    result = await _does(sheet, "update_draft", unset=[{"parameter": "team"}])
    assert "team" in result["missing"]


async def test_two_steps_cannot_have_one_name(sheet: Worksheet) -> None:
    await _does(sheet, "update_draft", **READY)
    both = [{"capability": "storage", "values": {"account_name": "rawdata"}}] * 2
    result = await _does(sheet, "update_draft", add=both)
    assert "cannot both have the name 'rawdata'" in result["text"]
    assert "cannot both" in (await _does(sheet, "submit"))["error"]


async def test_explain_gives_the_reason(sheet: Worksheet) -> None:
    await _does(sheet, "update_draft", **READY)
    result = await _does(sheet, "explain", about="value", parameter="node_type")
    assert "suggested" in result["text"]


async def test_names_are_suggested_with_their_origin(sheet: Worksheet) -> None:
    await _does(sheet, "update_draft", **READY)
    assert "dbw-ml-dev" in (await _does(sheet, "suggest_names"))["text"]


async def test_cheaper_needs_a_complete_draft(sheet: Worksheet) -> None:
    result = await _does(sheet, "make_cheaper")
    assert "complete draft" in result["error"]


async def test_only_the_persons_words_make_a_wish(sheet: Worksheet) -> None:
    await _does(sheet, "update_draft", **READY)
    await _does(sheet, "destroy")
    assert sheet.command is None and sheet.choices == (SAYING[Verb.DESTROY],)
    await _does(sheet, "submit")
    assert sheet.command is not None


@pytest.mark.parametrize("verb", list(Verb))
def test_every_offered_saying_is_read_as_its_wish(verb: Verb) -> None:
    assert asks_for(SAYING[verb], verb)


@pytest.mark.parametrize(
    "text",
    [
        "don't deploy yet",
        "never destroy the storage account",
        "what would that destroy?",
        "why was it cancelled by omar? I do not want to cancel",
        "looks good but wait",
        "tear it down on Friday",
    ],
)
def test_words_that_are_no_wish(text: str) -> None:
    assert not any(asks_for(text, verb) for verb in (Verb.SUBMIT, Verb.DESTROY, Verb.RETRY))


def test_schemas_have_no_references() -> None:
    for tool in TOOLS.values():
        assert "$ref" not in json.dumps(parameters_of(tool.arguments))


def test_every_parameter_of_the_catalogue_can_be_set() -> None:
    schema = parameters_of(TOOLS["update_draft"].arguments)
    settable = schema["properties"]["set_values"]["items"]["properties"]["parameter"]["enum"]
    for capability in catalogue().capabilities.values():
        assert set(capability.parameters.model_fields) <= set(settable)
