"""A worker that is told to go: what it has ends or is handed back, and the next one goes on."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from temporalio.worker import Worker

from orchestration.deployment import Applying
from orchestration.engine import leaving as leaving_module
from orchestration.standing import is_final, standing
from tests.contract.executing import started
from tests.contract.leaving import Slow, applies, applying, asked
from tests.doubles.house import House, draft
from tests.doubles.temporal import Cluster, cluster


@pytest.fixture
async def temporal(home: House) -> AsyncIterator[Cluster]:
    async with cluster(home) as running:
        yield running


async def test_what_ends_in_time_ends_and_nothing_new_is_begun(temporal: Cluster) -> None:
    home, terraform = temporal.home, Slow(temporal.home)
    async with temporal.worker(terraform=terraform, drain_s=20) as leaving:
        id = await applying(temporal, terraform)
        leaving.begun.set()
        late = await home.submit(draft("databricks"))
        await temporal.engine.nudge(late)
        terraform.may_go_on.set()
        await leaving.gone()
    assert standing(await home.get(id)) == "succeeded"
    assert standing(await home.get(late)) == "planning", "for the next worker"
    assert started(await home.actions(id)) == 1
    async with temporal.worker():
        await temporal.until(late, asked)


@pytest.mark.parametrize("hurried", [False, True])
async def test_what_does_not_end_in_time_is_handed_back_and_finished_by_the_next(
    temporal: Cluster, hurried: bool
) -> None:
    home, terraform = temporal.home, Slow(temporal.home)
    drain_s = 1000 if hurried else 0.3
    async with temporal.worker(terraform=terraform, drain_s=drain_s) as leaving:
        id = await applying(temporal, terraform)
        leaving.begun.set()
        if hurried:
            await asyncio.sleep(0)
            leaving.hurry.set()
        await leaving.gone()
    assert not any(isinstance(s.state, Applying) for s in (await home.get(id)).steps)
    async with temporal.worker():
        done = await temporal.until(id, is_final)
    assert standing(done) == "succeeded"
    assert (await home.actions(id)).count("apply stopped") == 1, "it is known how far it came"
    assert len(home.cloud.created) == len(set(home.cloud.created))
    assert len(done.decisions) == 1, "what was signed goes on"


async def test_polls_that_the_cluster_forgot_do_not_keep_it(
    temporal: Cluster, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The SDK would wait for them."""

    async def without_an_end(self: Worker) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Worker, "shutdown", without_an_end)
    monkeypatch.setattr(leaving_module, "_UNANSWERED_S", 0.2)
    home, terraform = temporal.home, Slow(temporal.home)
    async with temporal.worker(terraform=terraform, drain_s=20) as leaving:
        id = await applying(temporal, terraform)
        leaving.begun.set()
        assert leaving.task
        await asyncio.wait({leaving.task}, timeout=1.0)
        assert not leaving.task.done(), "a job runs"
        terraform.may_go_on.set()
        await leaving.gone()
    assert standing(await home.get(id)) == "succeeded"
    assert [record.message for record in caplog.records].count("polls_left") == 2, "once a queue"


async def test_another_worker_takes_over_while_one_drains(temporal: Cluster) -> None:
    home, terraform = temporal.home, Slow(temporal.home)
    async with temporal.worker(terraform=terraform, drain_s=20) as leaving:
        id = await applying(temporal, terraform)
        leaving.begun.set()
        async with temporal.worker():
            other = await home.submit(draft("databricks"))
            await temporal.engine.nudge(other)
            await temporal.until(other, asked)
            assert applies(await home.get(id)), "it is left alone"
            terraform.may_go_on.set()
            await leaving.gone()
            await temporal.until(id, is_final)
    assert started(await home.actions(id)) == 1


async def test_a_stop_is_heard_while_it_drains(temporal: Cluster) -> None:
    home, terraform = temporal.home, Slow(temporal.home)
    async with temporal.worker(terraform=terraform, drain_s=20) as leaving:
        id = await applying(temporal, terraform)
        leaving.begun.set()
        await home.provisioning.cancel(id, await home.person("ana"))
        await temporal.engine.nudge(id)
        await leaving.gone()
    assert standing(await home.get(id)) == "cancelled"
