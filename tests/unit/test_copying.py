"""A copy is something new: it gets names of its own, and only what was said is copied."""

import pytest

from capabilities.registry import catalogue
from capabilities.values import Json, Provenance, Value
from orchestration.draft import Draft, DraftStep, resolved_steps
from orchestration.planner.build import LazyPlanner, planner
from tests.clock import FakeClock
from tests.planner_chat import Chat, FakeDesk, past


@pytest.fixture(scope="module")
def brain() -> LazyPlanner:
    return planner(catalogue(), FakeClock())


def said(**values: Json) -> dict[str, Value]:
    return {key: Value(value, Provenance.SAID, by="ana") for key, value in values.items()}


SHARED = said(team="ml", environment="production", region="eastus")
ONE = Draft((DraftStep("databricks", "databricks", said(max_workers=6)),), SHARED)
NAMED = Draft(
    (DraftStep("databricks", "databricks", said(max_workers=6, resource_group="rg-x")),), SHARED
)
TWO = Draft((DraftStep("storage", "storage"), DraftStep("storage-2", "storage")), SHARED)


def names(draft: Draft) -> list[str]:
    return [step.name for step in resolved_steps(draft, catalogue())]


async def test_the_same_again_gets_a_name_of_its_own(brain: LazyPlanner) -> None:
    chat = Chat(brain, FakeDesk(past(ONE)))
    answer = await chat.says("same as last time but in westeurope")
    assert chat.value("workspace_name") == "dbw-ml-prod-2"
    assert chat.value("resource_group") == "rg-ml-prod-2"
    assert chat.value("region") == "westeurope"
    assert "dbw-ml-prod-2" in answer.text


async def test_another_team_or_environment_needs_no_number(brain: LazyPlanner) -> None:
    chat = Chat(brain, FakeDesk(past(ONE)))
    await chat.says("same again for team risk")
    assert names(chat.draft) == ["dbw-risk-prod"]
    chat = Chat(brain, FakeDesk(past(ONE)))
    await chat.says("exact same config but staging")
    assert names(chat.draft) == ["dbw-ml-stg"]
    await chat.says("make it production")
    assert names(chat.draft) == ["dbw-ml-prod-2"]


async def test_what_was_copied_says_from_where(brain: LazyPlanner) -> None:
    chat = Chat(brain, FakeDesk(past(ONE)))
    await chat.says("same as last time")
    value = chat.draft.steps[0].said["max_workers"]
    assert (value.value, value.origin) == (6, "copied from d-7")
    assert set(chat.draft.steps[0].said) == {"max_workers"}


async def test_names_that_were_said_are_not_copied(brain: LazyPlanner) -> None:
    chat = Chat(brain, FakeDesk(past(NAMED)))
    await chat.says("same as last time but for team risk")
    assert chat.value("resource_group") == "rg-risk-prod"


async def test_the_third_is_the_third(brain: LazyPlanner) -> None:
    second = Draft((DraftStep("databricks", "databricks", ordinal=2),), SHARED)
    chat = Chat(brain, FakeDesk(past(second), past(ONE)))
    await chat.says("same as last time")
    assert names(chat.draft) == ["dbw-ml-prod-3"]


async def test_a_pair_is_copied_as_a_pair(brain: LazyPlanner) -> None:
    chat = Chat(brain, FakeDesk(past(TWO)))
    await chat.says("same as last time")
    assert [step.ordinal for step in chat.draft.steps] == [3, 4]
    assert len({*names(chat.draft), *names(TWO)}) == 4


async def test_a_copy_stays_where_it_is_while_it_is_changed(brain: LazyPlanner) -> None:
    chat = Chat(brain, FakeDesk(past(ONE)))
    await chat.says("same as last time")
    chat.desk = FakeDesk(past(chat.draft), past(ONE))
    await chat.says("make it 1-4 workers")
    assert names(chat.draft) == ["dbw-ml-prod-2"]
