"""Everything a remote model can do wrong: the turn is answered, and only the draft can change."""

import time
from collections.abc import AsyncIterator

import pytest

from capabilities.registry import catalogue
from orchestration.planner.build import LazyPlanner, planner
from orchestration.planner.history import Exchange
from orchestration.planner.settings import Limits, ModelSettings
from tests.clock import FakeClock
from tests.doubles.azure_openai import FILTER, AzureOpenAI, Fault
from tests.planner_brain import rules
from tests.planner_chat import Chat

TEXT = "Databricks for the ML team in production, East US"
LIMITS = Limits(deadline_s=4.0, model_share_s=2.0)


@pytest.fixture
async def azure() -> AsyncIterator[AzureOpenAI]:
    async with AzureOpenAI(rules) as double:
        yield double


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def remote(azure: AzureOpenAI, clock: FakeClock) -> AsyncIterator[LazyPlanner]:
    models = ModelSettings(azure.url, "large", api_key="k", request_timeout_s=0.5)
    built = planner(catalogue(), clock, models, limits=LIMITS)
    yield built
    await built.close()


@pytest.fixture
def chat(remote: LazyPlanner) -> Chat:
    return Chat(remote)


def _calls(*calls: tuple[str, object]) -> Fault:
    return Fault(calls=[(f"signoff-{name}", arguments) for name, arguments in calls])


async def test_a_short_retry_after_is_waited_for(azure: AzureOpenAI, chat: Chat) -> None:
    azure.faults.append(Fault(status=429, headers={"retry-after-ms": "200"}))
    answer = await chat.says(TEXT)
    assert answer.service == "large" and chat.steps() == ["databricks"]


async def test_a_long_retry_after_is_not_and_the_service_rests(
    azure: AzureOpenAI, chat: Chat, clock: FakeClock
) -> None:
    azure.faults.append(Fault(status=429, headers={"retry-after": "90"}))
    started = time.perf_counter()
    answer = await chat.says(TEXT)
    assert answer.service == "embedded (after 429)" and chat.steps() == ["databricks"]
    assert time.perf_counter() - started < 10
    asked = len(azure.requests)
    assert "resting" in (await chat.says("status")).service and len(azure.requests) == asked
    clock.advance(91)
    assert (await chat.says("status")).service == "large"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(status=500), "500"),
        (Fault(status=401), "401"),
        (Fault(delay_s=1.0), "timeout"),
        (Fault(cut=True), ""),
    ],
    ids=["500", "401", "timeout", "cut"],
)
async def test_a_failing_service_is_replaced_by_the_embedded_one(
    azure: AzureOpenAI, chat: Chat, fault: Fault, reason: str
) -> None:
    azure.faults.extend([fault, fault])
    answer = await chat.says(TEXT)
    assert answer.service.startswith(f"embedded (after {reason}") and chat.steps() == ["databricks"]


async def test_a_failure_in_the_middle_leaves_nothing_half_done(
    azure: AzureOpenAI, chat: Chat
) -> None:
    first = _calls(("update_draft", {"add": [{"capability": "storage"}]}))
    azure.faults.extend([first, Fault(status=401)])
    await chat.says(TEXT)
    assert chat.steps() == ["databricks"]


@pytest.mark.parametrize(
    "fault",
    [Fault(status=400, body=FILTER), Fault(text="part of an ans", finish="content_filter")],
    ids=["input", "output"],
)
async def test_the_content_filter_is_said_and_nothing_is_kept(
    azure: AzureOpenAI, chat: Chat, fault: Fault
) -> None:
    azure.faults.append(fault)
    answer = await chat.says(TEXT)
    assert "content filter" in answer.text and not answer.draft.steps
    assert answer.exchange == Exchange(answer=answer.text)
    assert (await chat.says(TEXT)).service == "large"


@pytest.mark.parametrize(
    "calls",
    [
        [("signoff-update_draft", '{"add": [{"capab')],
        [("signoff-drop_tables", {})],
        [("other-update_draft", {})],
        [("signoff-update_draft", {"add": [{"capability": "quantum"}]})],
        [("signoff-update_draft", [1, 2])],
        [("signoff-update_draft", {"settings": 1})],
    ],
    ids=["malformed", "unknown tool", "unknown plugin", "unknown capability", "list", "reserved"],
)
async def test_a_wrong_call_is_answered_and_the_model_tries_again(
    azure: AzureOpenAI, chat: Chat, calls: list[tuple[str, object]]
) -> None:
    azure.faults.append(Fault(calls=calls))
    answer = await chat.says("thanks")
    assert not answer.draft.steps and answer.text
    await chat.says(TEXT)
    assert chat.steps() == ["databricks"]


async def test_parallel_calls_are_all_answered(azure: AzureOpenAI, chat: Chat) -> None:
    azure.faults.append(
        _calls(
            ("update_draft", {"add": [{"capability": "storage"}]}),
            ("update_draft", {"set_values": [{"parameter": "region", "value": "West Europe"}]}),
            ("list_capabilities", {}),
        )
    )
    answer = await chat.says("thanks")
    assert chat.steps() == ["storage"] and "region: West Europe — said by ana" in answer.changes


async def test_fifty_calls_are_too_many(azure: AzureOpenAI, chat: Chat) -> None:
    add = ("update_draft", {"add": [{"capability": "storage"}]})
    azure.faults.append(_calls(*[add] * 50))
    answer = await chat.says(TEXT)
    assert "more steps than one message may" in answer.text and not answer.draft.steps


async def test_a_model_that_never_stops_calling_is_stopped(azure: AzureOpenAI, chat: Chat) -> None:
    azure.brain = lambda messages, tools: ("", [("signoff-status", {})])
    answer = await chat.says(TEXT)
    assert len(azure.requests) <= 6 and not answer.draft.steps


async def test_the_small_model_takes_what_the_rules_understand(azure: AzureOpenAI) -> None:
    models = ModelSettings(azure.url, "large", small="small", api_key="k")
    built = planner(catalogue(), FakeClock(), models)
    chat = Chat(built)
    assert (await chat.says("databricks for team ml in dev")).service == "small"
    assert (await chat.says("eastus or westus?")).service == "large"
    assert (await chat.says("something with a lot of compute, you choose")).service == "large"
    await built.close()


async def test_openai_itself_is_spoken_to_in_its_own_way(azure: AzureOpenAI) -> None:
    models = ModelSettings(f"{azure.url}/v1", "gpt-x", api_version="", api_key="k")
    built = planner(catalogue(), FakeClock(), models)
    chat = Chat(built)
    assert (await chat.says(TEXT)).service == "gpt-x" and chat.steps() == ["databricks"]
    await built.close()
