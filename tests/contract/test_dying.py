"""A worker dies at every single write of a deployment, before and after it; the next one goes on.

However it dies: every step ends as succeeded, everything exists once and is in the state, each plan
was started at most once, nobody is asked twice, no workspace is held for ever, the chain is whole,
the lists say that it has ended.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestration.deployment import Deployment, Step
from orchestration.index import CONTAINER
from orchestration.ports import DeploymentId
from orchestration.standing import standing
from tests.doubles.house import House, draft, house
from tests.doubles.mortal import Died, MortalStore
from tests.doubles.signing import sign


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as opened:
        yield opened


async def run_until_death(home: House, id: DeploymentId, store: MortalStore) -> None:
    """A worker works until it has nothing left to do, or dies with everything it runs."""
    worker = home.worker(store=store)
    working = asyncio.create_task(worker.run(id))
    while not working.done() and not store.dead:
        await asyncio.wait([working], timeout=0.002)
    worker.leaving = True
    running = [working, *worker.running.values()]
    for task in running:
        task.cancel()
    ended = await asyncio.gather(*running, return_exceptions=True)
    unexpected = (asyncio.CancelledError, Died)
    assert all(isinstance(e, unexpected) or not isinstance(e, BaseException) for e in ended), ended


async def ended_right(home: House, id: DeploymentId, *, signatures: int) -> None:
    deployment = await home.get(id)
    assert standing(deployment) == "succeeded"
    assert len(deployment.decisions) == signatures
    assert max(Counter(home.cloud.created).values()) == 1
    events = [entry.event for entry in await home.audit(id)]
    starts = Counter((e.subject, e.detail["plan"]) for e in events if e.action == "apply started")
    assert max(starts.values()) == 1
    for step in deployment.steps:
        here = {a for workspace, a in home.cloud.exists if workspace == step.workspace}
        assert here == set(home.cloud.state(step.workspace).contents)
        assert await first_in_the_queue(home, deployment, step)
        versions = await home.workspaces().versions(step.workspace)
        assert [(v.deployment, v.step) for v in versions] == [(id, step.id)]
    await listed_as_ended(home, id)


async def listed_as_ended(home: House, id: DeploymentId) -> None:
    lines = [line async for line in home.deployments().index.lines() if line.deployment == id]
    assert [line.is_past for line in lines] == [True]
    body = (await home.store.get(CONTAINER, lines[0].partition, lines[0].id)).body
    assert body["summary"]["state"] == "succeeded"


async def first_in_the_queue(home: House, deployment: Deployment, step: Step) -> bool:
    """Whether the next job would find the workspace free."""
    shop = home.worker().shop
    turn = await shop.take_turn(deployment, step, "the next job")
    await shop.leave(step, "the next job")
    return turn.place == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_worker_may_die_at_any_write(home: House, after: bool) -> None:
    at, died = 0, True
    while died:
        at += 1
        home.cloud.__init__()  # type: ignore[misc]
        id = await home.submit(draft("databricks", "storage", databricks_access=True))
        store = MortalStore(home.store, at=at, after=after)
        await run_until_death(home, id, store)
        await home.worker().run(id)
        await sign(home, id)
        if not store.dead:
            await run_until_death(home, id, store)
        died = store.dead
        await home.worker().run(id)
        await ended_right(home, id, signatures=3)
        await forget(home, id)
    assert at > 15


async def forget(home: House, id: DeploymentId) -> None:
    """The next deployment finds empty workspaces."""
    for step in (await home.get(id)).steps:
        await home.workspaces().destroyed(step.workspace)
