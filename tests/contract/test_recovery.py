"""What was cut off, what was asked for anew, and what is undone again."""

import asyncio

import pytest

from orchestration.deployment import (
    Approved,
    Awaiting,
    Failed,
    Kind,
    Unplanned,
)
from orchestration.errors import UserError
from orchestration.gating import shown
from orchestration.messages import EventId
from orchestration.next_actions import next_actions
from orchestration.ports import StepId
from orchestration.standing import standing
from tests.contract.executing import (
    STORAGE,
    SUBNET,
    done,
    is_killed,
    signed_off,
    start_and_die,
    started,
    state_of,
    undo,
)
from tests.doubles.house import House, draft
from tests.doubles.meters import Meters
from tests.doubles.signing import sign
from tests.doubles.terraform import FakeTerraform


async def test_an_apply_that_died_is_looked_up_adopted_and_finished(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    await start_and_die(home, deployment)
    workspace = deployment.steps[0].workspace
    assert len(home.cloud.exists) == 1
    assert home.cloud.state(workspace).contents == {}
    meters = Meters()
    done = await home.worker().run(deployment.id)
    assert standing(done) == "succeeded"
    assert meters("signoff_failures_total", kind="unknown", during="apply") == 1
    assert len(done.decisions) == 1
    assert {address for _, address in home.cloud.exists} == set(
        home.cloud.state(workspace).contents
    )
    assert len(home.cloud.created) == len(set(home.cloud.created))
    events = [entry.event for entry in await home.audit(deployment.id)]
    assert [e.action for e in events][-5:] == [
        "apply started",
        "interrupted",
        "planned",
        "apply started",
        "applied",
    ]
    assert started([e.action for e in events]) == 2
    assert len({e.detail["plan"] for e in events if e.action == "apply started"}) == 2


async def test_what_an_apply_that_died_left_outside_the_approval_is_asked_again(
    home: House,
) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    await start_and_die(home, deployment)
    other = FakeTerraform(home.cloud)
    other.extra[deployment.steps[0].workspace] = SUBNET
    second = home.worker(terraform=other)
    waiting = await second.run(deployment.id)
    assert isinstance(state_of(waiting), Awaiting)
    await home.click("ana", deployment.id)
    assert standing(await second.run(deployment.id)) == "succeeded"
    assert len(home.cloud.created) == len(set(home.cloud.created))


async def test_what_was_adopted_is_not_forgotten_when_the_plan_is_made_once_more(
    home: House,
) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    await start_and_die(home, deployment)
    second = home.worker()
    (action,) = next_actions(await home.get(deployment.id))
    await second.act(deployment.id, action)
    (action,) = next_actions(await home.get(deployment.id))
    await second.act(deployment.id, action)
    assert isinstance(state_of(await home.get(deployment.id)), Approved)
    home.cloud.state(deployment.steps[0].workspace).serial += 1
    assert standing(await second.run(deployment.id)) == "succeeded"


async def test_an_apply_that_is_cut_off_again_and_again_ends_as_failed(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    terraform.during = is_killed
    home.cloud.keeps = False
    state = state_of(await worker.run(deployment.id))
    assert isinstance(state, Failed)
    assert state.summary.startswith("it was interrupted 10 times")
    assert len(home.cloud.applied) == 10


# ---------------------------------------------------------------- requests that change


async def test_a_changed_request_is_planned_again_and_keeps_sign_offs_on_what_is_equal(
    home: House,
) -> None:
    worker = home.worker()
    id = await home.submit(draft("azure_openai", "storage"))
    await worker.run(id)
    await sign(home, id)
    again = await home.submit(draft("azure_openai", "storage", replication="GRS"), present=id)
    assert again == id
    changed = await home.get(id)
    assert state_of(changed) == Unplanned(2, "the request changed")
    assert isinstance(state_of(changed, StepId("azure_openai")), Unplanned)
    for action in next_actions(changed):
        await worker.act(id, action)
    after = await home.get(id)
    assert after.plans["azure_openai-002"].carried == after.plans["azure_openai-001"].digest
    await home.click("lena", id)  # the whole has no known price now, which takes a second person
    assert isinstance(state_of(await home.get(id), StepId("azure_openai")), Approved)
    assert isinstance(state_of(after), Awaiting)
    assert after.plans["storage-002"].digest != after.plans["storage-001"].digest


async def test_an_approval_of_the_old_request_does_not_count_for_the_new_one(home: House) -> None:
    worker = home.worker()
    id = await home.submit(draft("storage"))
    old = await worker.run(id)
    card = f"storage={old.plans['storage-001'].digest}"
    await home.submit(draft("storage", replication="GRS"), present=id)
    await worker.run(id)
    ruling = await home.click("ana", id, shown=card)
    assert [refused.rule for refused in ruling.refused] == ["stale-card"]
    assert isinstance(state_of(await worker.run(id)), Awaiting)


async def test_a_plan_made_for_the_old_values_is_not_taken_for_the_new_ones(home: House) -> None:
    worker = home.worker()
    id = await home.submit(draft("storage"))
    (action,) = next_actions(await home.get(id))
    planning = asyncio.create_task(worker.act(id, action))
    await asyncio.sleep(0)
    await home.submit(draft("storage", replication="GRS"), present=id)
    await planning
    after = await worker.run(id)
    record = after.plan(after.steps[0])
    assert record is not None
    assert record.change.parameters["replication"] == "GRS"


async def test_a_step_dropped_and_asked_for_again_gets_plans_of_its_own(home: House) -> None:
    worker = home.worker()
    id = await home.submit(draft("azure_openai", "storage"))
    await worker.run(id)
    await home.submit(draft("azure_openai"), present=id)
    await worker.run(id)
    await home.submit(draft("azure_openai", "storage", replication="GRS"), present=id)
    after = await worker.run(id)
    record = after.plan(after.step(STORAGE))
    assert record is not None
    assert record.change.parameters["replication"] == "GRS"
    assert state_of(after) == Awaiting(2)


async def test_the_same_event_twice_is_one_deployment(home: House) -> None:
    first = await home.submit(draft("storage"), event="e-1")
    second = await home.submit(draft("storage"), event="e-1")
    assert first == second
    assert await home.actions(first) == ["submitted"]


async def test_what_runs_cannot_be_changed(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    await start_and_die(home, deployment)
    with pytest.raises(UserError, match="is running"):
        await home.submit(draft("storage", replication="GRS"), present=deployment.id)


# ---------------------------------------------------------------- undoing


async def test_a_roll_back_goes_to_the_version_before_and_then_to_nothing(home: House) -> None:
    worker = home.worker()
    first = await done(home, worker, draft("storage"))
    workspace = first.steps[0].workspace
    before = dict(home.cloud.state(workspace).contents)
    second = await done(home, worker, draft("storage", replication="GRS"))
    assert home.cloud.state(workspace).contents != before
    await undo(home, worker, second.id, Kind.ROLL_BACK)
    assert home.cloud.state(workspace).contents == before
    versions = await home.workspaces().versions(workspace)
    assert [version.deployment for version in versions] == [first.id]
    await undo(home, worker, first.id, Kind.ROLL_BACK)
    assert home.cloud.state(workspace).contents == {}


async def test_a_destroy_leaves_nothing_and_asks_first(home: House) -> None:
    worker = home.worker()
    deployment = await done(home, worker, draft("databricks", "storage", databricks_access=True))
    ended = await undo(home, worker, deployment.id, Kind.DESTROY)
    assert standing(ended) == "destroyed"
    assert home.cloud.exists == {}
    assert [step.id for step in ended.steps] == ["storage", "databricks"]
    assert await home.workspaces().versions(deployment.steps[0].workspace) == ()


async def test_destroying_production_asks_platform_again_when_it_is_its_turn(home: House) -> None:
    worker = home.worker()
    deployment = await done(home, worker, draft("storage", environment="production"))
    id = await home.provisioning.undo(
        deployment.id, await home.person("ana"), EventId("undo-1"), Kind.DESTROY
    )
    planned = await worker.run(id)
    card = shown(planned, planned.steps)
    await home.click("omar", id, shown=card)
    confirming = await worker.run(id)
    assert confirming.steps[0].state.kind == "confirming"
    assert "new card is below" in (await home.click("omar", id, shown=card)).refusal
    assert home.cloud.exists
    await home.click("omar", id)
    assert standing(await worker.run(id)) == "destroyed"
