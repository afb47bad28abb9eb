"""The planner's promises, over the embedded service and over an Azure OpenAI double."""

from collections.abc import AsyncIterator

import pytest

from capabilities.registry import catalogue
from orchestration.planner.build import planner
from orchestration.planner.desk import Show, Verb
from orchestration.planner.settings import ModelSettings
from tests.clock import FakeClock
from tests.doubles.azure_openai import AzureOpenAI
from tests.planner_brain import rules
from tests.planner_chat import VIC, Chat, FakeDesk, past


@pytest.fixture(params=["embedded", "azure"])
async def chat(request: pytest.FixtureRequest) -> AsyncIterator[Chat]:
    if request.param == "embedded":
        yield Chat(planner(catalogue(), FakeClock()))
        return
    async with AzureOpenAI(rules) as azure:
        models = ModelSettings(azure.url, "large", small="small", api_key="k")
        remote = planner(catalogue(), FakeClock(), models)
        yield Chat(remote)
        await remote.close()


async def test_the_conversation_of_the_product(chat: Chat) -> None:
    answer = await chat.says("I need a production workspace for the ML team")
    assert "region" in answer.text and chat.steps() == ["databricks"]
    assert "environment: production — said by ana" in answer.changes
    answer = await chat.says("East US")
    assert answer.changes == ("region: East US — said by ana",) and answer.show is Show.DRAFT
    await chat.says("name the resource group rg-ml-team-prod and make it 1-4 workers")
    assert chat.value("resource_group") == "rg-ml-team-prod"
    assert (chat.value("min_workers"), chat.value("max_workers")) == (1, 4)
    answer = await chat.says("looks good")
    assert answer.command is not None and answer.command.verb is Verb.SUBMIT


async def test_an_incomplete_draft_is_not_submitted(chat: Chat) -> None:
    await chat.says("databricks for team ml")
    answer = await chat.says("looks good")
    assert answer.command is None and "environment" in answer.text


async def test_a_bad_value_keeps_the_old_one_and_says_why(chat: Chat) -> None:
    await chat.says("storage for team ml in dev, East US")
    before = chat.draft
    answer = await chat.says("name the storage account Bad_Name!")
    assert (chat.draft == before and "3 to 24" in answer.text) or "a-z" in answer.text


async def test_undo_takes_the_last_change_back(chat: Chat) -> None:
    await chat.says("databricks for team ml in dev, East US")
    await chat.says("make it 2-8 workers")
    answer = await chat.says("undo")
    assert answer.undone == 1 and "min workers: taken back" in answer.changes


@pytest.mark.parametrize(
    "says", ["undo that", "undo twice", "take that back", "undo the tear down"]
)
async def test_what_is_submitted_is_not_undone(says: str, chat: Chat) -> None:
    await chat.says("databricks for team ml in dev, East US")
    await chat.says("make it 2-8 workers")
    chat.submitted = True
    before = chat.draft
    answer = await chat.says(says)
    assert answer.text.startswith("That is submitted already, so undoing the draft would change")
    assert (answer.draft, answer.undone, answer.command) == (before, 0, None)


async def test_what_was_changed_since_it_was_submitted_is_undone(chat: Chat) -> None:
    await chat.says("databricks for team ml in dev, East US")
    chat.has_deployment = True
    submitted = chat.draft
    await chat.says("make it 2-8 workers")
    answer = await chat.says("undo that")
    assert (answer.draft, answer.undone) == (submitted, 1)


async def test_same_as_last_time_elsewhere(chat: Chat) -> None:
    await chat.says("databricks for team ml in production, East US, 2-6 workers")
    chat.desk = FakeDesk(past(chat.draft))
    await chat.says("start over")
    chat.draft, chat.history = type(chat.draft)(), ()
    answer = await chat.says("same as last time but in westeurope")
    assert chat.value("region") == "westeurope" and chat.value("max_workers") == 6
    assert "max workers: 6 — copied from d-7" in answer.changes


async def test_a_budget_is_kept_and_what_fits_is_offered(chat: Chat) -> None:
    await chat.says("databricks for team ml in production, East US, 2-8 workers")
    answer = await chat.says("the budget is $500 a month")
    assert "over the budget" in answer.text and answer.choices == ("make it cheaper",)
    answer = await chat.says("make it cheaper")
    assert answer.choices and not answer.changes
    await chat.says(answer.choices[0])
    assert chat.value("max_workers") != 8


async def test_what_has_no_price_is_not_said_to_fit_a_budget(chat: Chat) -> None:
    chat.desk.priced = False
    answer = await chat.says("storage for team ml in dev, East US, at most 50 dollars a month")
    assert "no price for nodes" in answer.text and "within" not in answer.text


async def test_two_readings_are_asked_back(chat: Chat) -> None:
    await chat.says("databricks for team ml in dev")
    answer = await chat.says("eastus or westus2?")
    assert answer.choices == ("set region to eastus", "set region to westus2")
    assert not answer.changes
    await chat.says("the second")
    assert chat.value("region") == "westus2"


async def test_editing_under_a_running_plan_says_what_it_means(chat: Chat) -> None:
    await chat.says("databricks for team ml in dev, East US")
    chat.has_deployment = True
    answer = await chat.says("make it 1-2 workers")
    assert "new plan" in answer.text and chat.value("max_workers") == 2


async def test_a_viewer_changes_nothing(chat: Chat) -> None:
    chat.by = VIC
    answer = await chat.says("databricks for team ml in dev, East US")
    assert not answer.draft.steps and "may look" in answer.text


async def test_deciding_is_not_for_text(chat: Chat) -> None:
    answer = await chat.says("I approve")
    assert "button" in answer.text and answer.command is None


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("cancel", Verb.CANCEL),
        ("retry the failed step", Verb.RETRY),
        ("roll it back", Verb.ROLL_BACK),
        ("tear it down", Verb.DESTROY),
    ],
)
async def test_wishes_are_passed_on(chat: Chat, text: str, verb: Verb) -> None:
    chat.has_deployment = True
    answer = await chat.says(text)
    assert answer.command is not None and answer.command.verb is verb


async def test_every_call_is_in_the_audit(chat: Chat) -> None:
    answer = await chat.says("databricks for team ml in dev")
    assert [entry["tool"] for entry in answer.audit] == ["update_draft"]
    assert answer.audit[0]["outcome"] == "done" and answer.audit[0]["duration_ms"] >= 0


async def test_internal_text_stays_inside(chat: Chat) -> None:
    await chat.says("databricks for team ml in dev, East US")
    chat.desk.broken = True
    answer = await chat.says("how much is it?")
    assert "s3cret" not in str(answer) and "not available" in answer.text
