"""What the tests of execution do again and again."""

import asyncio

import pytest

from approvals.change import Action, AttributeChange, ResourceChange
from orchestration.deployment import Applying, Deployment, Kind
from orchestration.draft import Draft
from orchestration.messages import EventId
from orchestration.next_actions import next_actions
from orchestration.ports import DeploymentId, StepId, TerraformFailed
from tests.doubles.engine import DirectEngine
from tests.doubles.house import House, draft
from tests.doubles.mortal import Died, MortalStore
from tests.doubles.signing import sign
from tests.doubles.terraform import FakeTerraform

STORAGE = StepId("storage")
SUBNET = ResourceChange(
    "azurerm_subnet.other",
    "azurerm_subnet",
    Action.CREATE,
    (AttributeChange("name", None, "other"),),
)


async def signed_off(
    home: House, worker: DirectEngine, *steps: str, **values: object
) -> Deployment:
    """A deployment that everybody needed has signed and that has not run yet."""
    id = await home.submit(draft(*steps, **values))
    await worker.run(id)
    await sign(home, id)
    return await home.get(id)


def state_of(deployment: Deployment, step: StepId = STORAGE) -> object:
    return deployment.step(step).state


def started(actions: list[str]) -> int:
    return actions.count("apply started")


async def waits(for_event: asyncio.Event | None) -> None:
    if for_event:
        await for_event.wait()


async def is_killed(*_: str) -> None:
    raise TerraformFailed("apply", "terraform apply was killed", outcome_known=False)


async def until_applying(home: House, id: DeploymentId) -> None:
    async with asyncio.timeout(5):
        while True:
            steps = (await home.get(id)).steps
            if home.cloud.exists and any(isinstance(s.state, Applying) for s in steps):
                return
            await asyncio.sleep(0.005)


async def start_and_die(home: House, deployment: Deployment) -> None:
    """A worker starts the first step and is killed when its first resource has been made."""
    store = MortalStore(home.store)
    worker = home.worker(store=store)
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    reached = asyncio.Event()

    async def stuck(*_: str) -> None:
        reached.set()
        await asyncio.Event().wait()

    terraform.during = stuck
    running = asyncio.create_task(worker.act(deployment.id, next_actions(deployment)[0]))
    await asyncio.wait_for(reached.wait(), 5)
    store.dead = worker.leaving = True
    running.cancel()
    with pytest.raises(Died):
        await running


async def done(home: House, worker: DirectEngine, wanted: Draft) -> Deployment:
    id = await home.submit(wanted)
    await worker.run(id)
    await sign(home, id)
    return await worker.run(id)


async def undo(home: House, worker: DirectEngine, id: DeploymentId, kind: Kind) -> Deployment:
    ana, event = await home.person("ana"), EventId(f"{kind}-{id}")
    undoing = await home.provisioning.undo(id, ana, event, kind)
    await worker.run(undoing)
    await sign(home, undoing)
    return await worker.run(undoing)
