"""What was being undone and was cancelled on the way: what is said of it, and undoing it again."""

import asyncio
from collections.abc import Mapping

import pytest

from capabilities.registry import catalogue
from orchestration.cards.deployment import deployment_card
from orchestration.cards.facing import Facing
from orchestration.cards.model import Text
from orchestration.deployment import Deployment, Kind
from orchestration.messages import EventId
from orchestration.ports import DeploymentId, OnProgress
from tests.contract.executing import STORAGE, done, undo
from tests.doubles.house import House, draft
from tests.doubles.signing import sign
from tests.doubles.terraform import FakeCloud, FakeTerraform, State


class Halting(FakeTerraform):
    """Destroys one resource and gets no further."""

    def __init__(self, cloud: FakeCloud) -> None:
        super().__init__(cloud)
        self.halted = asyncio.Event()

    async def _carry_out(
        self,
        workspace: str,
        state: State,
        wanted: Mapping[str, str],
        on_progress: OnProgress | None,
    ) -> None:
        address = next(iter(state.contents))
        del self.cloud.exists[workspace, address], state.contents[address]
        self.halted.set()
        await asyncio.Event().wait()


async def stopped(home: House, id: DeploymentId, kind: Kind) -> Deployment:
    """It is being undone, and cancelled when one resource is gone."""
    ana, terraform = await home.person("ana"), Halting(home.cloud)
    worker = home.worker(terraform=terraform)
    undoing = await home.provisioning.undo(id, ana, EventId(f"{kind} {id}"), kind)
    await worker.run(undoing)
    await sign(home, undoing)
    running = asyncio.create_task(worker.run(undoing))
    await asyncio.wait_for(terraform.halted.wait(), 5)
    await home.provisioning.cancel(undoing, ana)
    worker.running["apply/storage/1"].cancel()
    return await running


async def test_a_tear_down_that_was_cancelled_says_what_is_gone(home: House) -> None:
    made = await done(home, home.worker(), draft("storage"))
    there = dict(home.cloud.exists)
    half = await stopped(home, made.id, Kind.DESTROY)
    card = deployment_card(half, Facing({}, {}, catalogue()))
    assert card.lead == "Cancelled on the way: a part may be gone. Retry goes on with the rest."
    assert [block.text for block in card.blocks if isinstance(block, Text)] == [
        "What it had destroyed by then is gone; the rest is there."
    ]
    assert [button.verb for button in card.buttons] == ["retry", "roll_back"]
    await undo(home, home.worker(), half.id, Kind.ROLL_BACK)
    assert home.cloud.exists == there


@pytest.mark.parametrize(
    ("first", "called", "then", "then_called"),
    [
        (Kind.DESTROY, "Destroy", Kind.ROLL_BACK, "Roll back the tear-down of"),
        (Kind.ROLL_BACK, "Roll back", Kind.DESTROY, "Destroy"),
    ],
)
async def test_what_is_undone_again_is_called_after_the_request(
    first: Kind, called: str, then: Kind, then_called: str, home: House
) -> None:
    made = await done(home, home.worker(), draft("storage"))
    once = await stopped(home, made.id, first)
    twice = await stopped(home, once.id, first)
    assert once.title == twice.title == f"{called} {made.title}"
    ana, event = await home.person("ana"), EventId("then")
    id = await home.provisioning.undo(twice.id, ana, event, then)
    assert (await home.get(id)).title == f"{then_called} {made.title}"


async def test_a_tear_down_that_failed_in_part_says_what_is_gone(home: House) -> None:
    worker = home.worker()
    made = await done(home, worker, draft("databricks", "storage"))
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    terraform.refuses[made.step(STORAGE).workspace] = "a lock is on it"
    half = await undo(home, worker, made.id, Kind.DESTROY)
    lead = deployment_card(half, Facing({}, {}, catalogue())).lead
    assert lead == f"{made.step(STORAGE).name} failed; the rest is gone. Retry it or leave it so."
