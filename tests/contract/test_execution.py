"""What is applied is what was signed off, once; what was signed off is not lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals.change import Action, AttributeChange, ResourceChange
from orchestration.deployment import (
    Deployment,
)
from orchestration.ports import StepId
from orchestration.standing import standing
from tests.doubles.engine import DirectEngine
from tests.doubles.house import House, draft, house

STORAGE = StepId("storage")
SUBNET = ResourceChange(
    "azurerm_subnet.other",
    "azurerm_subnet",
    Action.CREATE,
    (AttributeChange("name", None, "other"),),
)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as opened:
        yield opened


async def signed_off(
    home: House, worker: DirectEngine, *steps: str, **values: object
) -> Deployment:
    """A deployment that everybody needed has signed and that has not run yet."""
    id = await home.submit(draft(*steps, **values))
    await worker.run(id)
    for name in ("ana", "lena", "sam"):
        await home.click(name, id)
    return await home.get(id)


def state_of(deployment: Deployment, step: StepId = STORAGE) -> object:
    return deployment.step(step).state


async def test_what_was_signed_off_is_applied_once_and_told(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    assert standing(deployment) == "queued"
    done = await worker.run(deployment.id)
    assert standing(done) == "succeeded"
    assert len(home.cloud.applied) == 1
    actions = await home.actions(deployment.id)
    assert actions == ["submitted", "planned", "approve", "apply started", "applied"]
    assert await home.workspaces().queue(done.steps[0].workspace) == ()
