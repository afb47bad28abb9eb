"""The workflow over a long life: it is begun anew before its history is too long, wakes up by
itself, and what an earlier build has recorded can be replayed."""

import json
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from orchestration.engine.workflows import (
    CONTROL_QUEUE,
    TERRAFORM_QUEUE,
    ActionRef,
    DeploymentWorkflow,
    View,
)
from tests.contract.record_histories import HISTORIES, packed
from tests.doubles.temporal import dev_server

_TEST_SERVER = Path(sysconfig.get_path("scripts")) / "temporal-test-server"


class Truth:
    """What the activities would see in the store: one view after the other, the last for ever."""

    def __init__(self, *views: View) -> None:
        self.views = [*views]
        self.done: list[str] = []
        self.looks = 0

    @activity.defn(name="look")
    async def look(self, _: str) -> View:
        self.looks += 1
        return self.views.pop(0) if len(self.views) > 1 else self.views[0]

    @activity.defn(name="plan")
    async def plan(self, ref: ActionRef) -> str:
        self.done.append(ref.key)
        return "done"

    @activity.defn(name="apply")
    async def apply(self, ref: ActionRef) -> str:
        self.done.append(ref.key)
        return "busy" if self.done.count(ref.key) < 3 else "done"


def _plan(number: int) -> View:
    return View([ActionRef("d", "plan", "storage", number, "ml")], final=False)


@asynccontextmanager
async def _running(client: Client, truth: Truth) -> AsyncIterator[None]:
    async with (
        Worker(
            client,
            task_queue=CONTROL_QUEUE,
            workflows=[DeploymentWorkflow],
            activities=[truth.look],
        ),
        Worker(client, task_queue=TERRAFORM_QUEUE, activities=[truth.plan, truth.apply]),
    ):
        yield


async def test_a_long_life_is_cut_into_runs_and_nothing_is_done_twice(tmp_path: Path) -> None:
    truth = Truth(*(_plan(number) for number in range(1, 13)), View([], final=True))
    async with dev_server(tmp_path, "limit.historyCount.suggestContinueAsNew=40") as address:
        client = await Client.connect(address)
        async with _running(client, truth):
            handle = await client.start_workflow(
                DeploymentWorkflow.run, "d", id="deployment/d", task_queue=CONTROL_QUEUE
            )
            await handle.result()
        runs = [one async for one in client.list_workflows("WorkflowId = 'deployment/d'")]
    assert len(runs) > 1
    assert truth.done == [f"plan/storage/{number}" for number in range(1, 13)]


async def test_it_looks_again_by_itself_when_nobody_nudges() -> None:
    """Fifteen minutes and three times ten seconds pass in a moment here."""
    waits = View([ActionRef("d", "apply", "storage", 1, "ml")], final=False)
    truth = Truth(View([], final=False), *[waits] * 5, View([], final=True))
    async with (
        await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=str(_TEST_SERVER)
        ) as environment,
        _running(environment.client, truth),
    ):
        handle = await environment.client.start_workflow(
            DeploymentWorkflow.run, "d", id="deployment/d", task_queue=CONTROL_QUEUE
        )
        await handle.result()
        lived = await handle.describe()
    assert lived.close_time is not None
    passed = lived.close_time - lived.start_time
    assert timedelta(minutes=15) < passed < timedelta(minutes=17)
    assert truth.done == ["apply/storage/1"] * 3, "a busy workspace is asked again"


@pytest.mark.parametrize("path", sorted(HISTORIES.glob("*.json")), ids=lambda path: path.stem)
async def test_what_was_recorded_is_replayed_to_the_same_commands(path: Path) -> None:
    """Fails when the workflow was changed in a way that those which run could not follow."""
    history = _history(path)
    await Replayer(workflows=[DeploymentWorkflow]).replay_workflow(history)


def test_there_is_something_to_replay() -> None:
    assert [*HISTORIES.glob("*-handed-back.json")]
    assert [*HISTORIES.glob("*-stopped.json")]


async def test_a_replay_notices_a_workflow_that_does_something_else() -> None:
    history = _history(next(HISTORIES.glob("*-stopped.json")))
    scheduled = "activity_task_scheduled_event_attributes"
    first = next(event for event in history.events if event.HasField(scheduled))  # type: ignore[arg-type]
    getattr(first, scheduled).activity_type.name = "glance"
    with pytest.raises(workflow.NondeterminismError):
        await Replayer(workflows=[DeploymentWorkflow]).replay_workflow(history)


def _history(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json("deployment/d", packed(json.loads(path.read_text())))
