"""What is applied is what was signed off, once; what was signed off is not lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals.change import Action, AttributeChange, ResourceChange
from approvals.findings import Finding, Level
from approvals.principals import PrincipalId
from orchestration.deployment import (
    Applying,
    Approved,
    Awaiting,
    Cancelled,
    Deployment,
    Failed,
    Succeeded,
    Unplanned,
)
from orchestration.draft import Draft
from orchestration.errors import UserError
from orchestration.messages import EventId
from orchestration.next_actions import next_actions
from orchestration.ports import DeploymentId, StepId, TerraformFailed
from orchestration.standing import standing
from tests.doubles.engine import DirectEngine
from tests.doubles.house import House, draft, house
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
    await sign(home, id)
    return await home.get(id)


def state_of(deployment: Deployment, step: StepId = STORAGE) -> object:
    return deployment.step(step).state


def started(actions: list[str]) -> int:
    return actions.count("apply started")


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


async def test_nothing_runs_before_everybody_needed_has_signed(home: House) -> None:
    worker = home.worker()
    id = await home.submit(draft("databricks", "storage", databricks_access=True))
    await worker.run(id)
    await home.click("lena", id)
    waiting = await worker.run(id)
    assert isinstance(state_of(waiting), Awaiting)  # security is asked about the role assignment
    assert isinstance(state_of(waiting, StepId("databricks")), Succeeded)
    await home.click("sam", id)
    assert standing(await worker.run(id)) == "succeeded"


async def test_a_step_waits_for_the_one_it_needs_and_keeps_its_approvals(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "databricks", "storage", databricks_access=True)
    done = await worker.run(deployment.id)
    plan = done.plan(done.step(STORAGE))
    assert plan is not None
    assert (plan.number, plan.carried) == (2, deployment.plans["storage-001"].digest)
    assert home.cloud.created[-1][0] == done.step(STORAGE).workspace
    assert len(done.decisions) == 3


async def test_an_apply_that_lives_on_where_it_was_given_up_makes_nothing_twice(
    home: House,
) -> None:
    first, second = home.worker(), home.worker()
    deployment = await signed_off(home, first, "storage")
    hold = asyncio.Event()
    terraform = first.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    terraform.during = lambda *_: waits(hold)
    (action,) = next_actions(deployment)
    living = asyncio.create_task(first.act(deployment.id, action))
    await until_applying(home, deployment.id)
    taking_over = asyncio.create_task(second.run(deployment.id))
    await asyncio.sleep(0.1)
    hold.set()
    await living
    assert standing(await taking_over) == "succeeded"
    assert len(home.cloud.created) == len(set(home.cloud.created))
    assert len(set(home.cloud.applied)) == len(home.cloud.applied)


async def test_the_same_job_started_twice_in_one_worker_is_one_job(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    hold = asyncio.Event()
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    terraform.during = lambda *_: waits(hold)
    (action,) = next_actions(deployment)
    running = asyncio.create_task(worker.act(deployment.id, action))
    await until_applying(home, deployment.id)
    assert await worker.act(deployment.id, action) == "busy"
    hold.set()
    assert await running == "done"
    assert started(await home.actions(deployment.id)) == 1


# ---------------------------------------------------------------- the seal


async def test_a_plan_made_against_another_state_is_made_again_and_keeps_its_approvals(
    home: House,
) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    home.cloud.state(deployment.steps[0].workspace).serial += 1
    done = await worker.run(deployment.id)
    assert standing(done) == "succeeded"
    assert len(done.decisions) == 1
    events = [entry.event for entry in await home.audit(deployment.id)]
    again = next(event for event in events if event.action == "planned again")
    assert again.detail["why"] == "the workspace had changed since the plan was made"
    carried = [e.detail["carried"] for e in events if e.action == "planned"]
    assert carried == ["", deployment.plans["storage-001"].digest]


async def test_a_plan_that_is_too_old_is_made_again(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    home.clock.advance(3601)
    done = await worker.run(deployment.id)
    assert standing(done) == "succeeded"
    assert "planned again" in await home.actions(deployment.id)


@pytest.mark.parametrize("kind", ["tfplan", "lock.hcl"])
@pytest.mark.parametrize("broken", ["gone", "damaged"])
async def test_a_saved_plan_that_was_touched_is_not_applied(
    home: House, kind: str, broken: str
) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    (path,) = (home.folder / "artifacts").rglob(f"*.{kind}")
    if broken == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    done = await worker.run(deployment.id)
    assert standing(done) == "succeeded"
    assert len(home.cloud.applied) == 1
    assert b'"number": 2' in home.cloud.applied[0]
    assert len(done.decisions) == 1


async def test_another_plan_under_the_name_of_the_signed_one_is_not_applied(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    (path,) = (home.folder / "artifacts").rglob("*.tfplan")
    name = str(path.relative_to(home.folder / "artifacts" / "files"))
    path.unlink()
    await home.artifacts.put(name, b"something else")
    await worker.run(deployment.id)
    why = [
        e.event.detail["why"] for e in await home.audit(deployment.id) if "why" in e.event.detail
    ]
    assert why == ["the saved plan is not the one that was signed off"]
    assert b"something else" not in home.cloud.applied


async def test_a_plan_that_came_out_different_goes_back_to_the_approvers(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    workspace = deployment.steps[0].workspace
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    terraform.extra[workspace] = SUBNET
    home.cloud.state(workspace).serial += 1
    waiting = await worker.run(deployment.id)
    assert isinstance(state_of(waiting), Awaiting)
    assert home.cloud.applied == []
    record = waiting.plan(waiting.steps[0])
    assert record is not None
    assert (record.carried, record.replaces) == (None, 1)
    await home.click("ana", waiting.id)
    assert standing(await worker.run(waiting.id)) == "succeeded"


async def test_a_plan_that_is_broken_again_and_again_still_needs_its_own_signature(
    home: House,
) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    for _ in range(3):
        home.clock.advance(3601)
        home.cloud.state(deployment.steps[0].workspace).serial += 1
    done = await worker.run(deployment.id)
    assert standing(done) == "succeeded"
    assert len(home.cloud.applied) == 1


# ---------------------------------------------------------------- policy


async def test_a_plan_that_policy_forbids_fails_with_the_reason(home: House) -> None:
    worker = home.worker()
    id = await home.submit(draft("storage"))
    workspace = (await home.get(id)).steps[0].workspace
    finding = Finding("no-tags", Level.HARD_MANDATORY, "thing.first", "the account has no owner")
    home.policy.findings[workspace] = (finding,)
    state = state_of(await worker.run(id))
    assert isinstance(state, Failed)
    assert (state.summary, state.address) == ("the account has no owner", "thing.first")
    assert (state.plan, state.operation) == (0, "policy check")
    home.policy.findings.clear()
    await home.provisioning.retry(id, await home.person("ana"))
    assert isinstance(state_of(await worker.run(id)), Awaiting)


# ---------------------------------------------------------------- cancel, retry, withdraw


async def test_cancelling_what_waits_ends_it_and_frees_its_workspace(home: House) -> None:
    worker = home.worker()
    first = await signed_off(home, worker, "storage")
    second = await signed_off(home, worker, "storage")
    workspace = first.steps[0].workspace
    await worker.shop.take_turn(first, first.steps[0], f"{first.id}/apply/storage/1")
    queued = await worker.run(second.id)
    assert state_of(queued) == Approved(1, place=2, behind=f"{first.steps[0].name} of {first.id}")
    await home.provisioning.cancel(second.id, await home.person("ana"))
    cancelled = await worker.run(second.id)
    assert isinstance(state_of(cancelled), Cancelled)
    assert [job.deployment for job in await home.workspaces().queue(workspace)] == [first.id]
    assert standing(await worker.run(first.id)) == "succeeded"
    assert started(await home.actions(second.id)) == 0


async def test_cancelling_what_runs_stops_terraform_and_keeps_what_it_has_done(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    terraform.during = lambda *_: waits(asyncio.Event())
    running = asyncio.create_task(worker.run(deployment.id))
    await until_applying(home, deployment.id)
    await home.provisioning.cancel(deployment.id, await home.person("ana"))
    worker.running["apply/storage/1"].cancel()
    cancelled = await running
    assert state_of(cancelled) == Cancelled(1, PrincipalId("ana"), home.clock.now(), started=True)
    terraform.during = lambda *_: waits(None)
    await home.provisioning.retry(deployment.id, await home.person("ana"))
    done = await worker.run(deployment.id)
    assert standing(done) == "succeeded"
    assert len(home.cloud.created) == len(set(home.cloud.created))
    assert len(done.decisions) == 1


async def test_a_cancelled_apply_whose_worker_died_ends_as_cancelled(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    await start_and_die(home, deployment)
    await home.provisioning.cancel(deployment.id, await home.person("ana"))
    with pytest.raises(UserError, match="still being stopped"):
        await home.provisioning.retry(deployment.id, await home.person("ana"))
    ended = await home.worker().run(deployment.id)
    assert isinstance(state_of(ended), Cancelled)
    assert standing(ended) == "cancelled"


async def test_an_engine_that_loses_sight_of_an_apply_does_not_stop_it(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    hold = asyncio.Event()
    terraform.during = lambda *_: waits(hold)
    (action,) = next_actions(deployment)
    running = asyncio.create_task(worker.act(deployment.id, action))
    await until_applying(home, deployment.id)
    running.cancel()
    await asyncio.sleep(0.05)
    assert not running.done()
    assert await worker.act(deployment.id, action) == "busy"
    hold.set()
    await running
    assert standing(await home.get(deployment.id)) == "succeeded"
    assert home.engine.nudged[deployment.id] >= 1


async def test_only_what_failed_is_retried(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "azure_openai", "storage")
    workspace = deployment.step(STORAGE).workspace
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    terraform.refuses[workspace] = "the quota is used up"
    partly = await worker.run(deployment.id)
    assert standing(partly) == "partly"
    failed = state_of(partly)
    assert isinstance(failed, Failed)
    assert (failed.summary, failed.address) == ("the quota is used up", "thing.first")
    terraform.refuses.clear()
    await home.provisioning.retry(deployment.id, await home.person("ana"))
    done = await worker.run(deployment.id)
    assert standing(done) == "succeeded"
    starts = [
        e.event.subject
        for e in await home.audit(deployment.id)
        if e.event.action == "apply started"
    ]
    assert sorted(starts) == ["azure_openai", "storage", "storage"]
    assert deployment.id in await home.deployments().open()


async def test_a_dependent_waits_for_the_retry_of_what_it_needs(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "databricks", "storage", databricks_access=True)
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    workspace = deployment.step(StepId("databricks")).workspace
    terraform.refuses[workspace] = "no"
    failed = await worker.run(deployment.id)
    assert standing(failed) == "failed"
    assert isinstance(state_of(failed), Approved)
    terraform.refuses.clear()
    await home.provisioning.retry(deployment.id, await home.person("ana"))
    assert standing(await worker.run(deployment.id)) == "succeeded"


async def test_an_approval_withdrawn_before_it_runs_stops_it(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    await home.click("ana", deployment.id, "withdraw")
    waiting = await worker.run(deployment.id)
    assert isinstance(state_of(waiting), Awaiting)
    assert home.cloud.applied == []
    await home.click("ana", deployment.id)
    assert standing(await worker.run(deployment.id)) == "succeeded"


async def test_a_withdrawn_job_does_not_hold_the_workspace(home: House) -> None:
    worker = home.worker()
    holder, queued, third = [await signed_off(home, worker, "storage") for _ in range(3)]
    await worker.shop.take_turn(holder, holder.steps[0], f"{holder.id}/apply/storage/1")
    await worker.run(queued.id)
    await home.click("ana", queued.id, "withdraw")
    assert standing(await worker.run(holder.id)) == "succeeded"
    await worker.run(third.id)
    assert isinstance(state_of(await home.get(third.id)), Approved | Awaiting | Succeeded)
    assert await home.workspaces().queue(holder.steps[0].workspace) == ()


async def test_a_rejected_step_is_never_applied(home: House) -> None:
    worker = home.worker()
    id = await home.submit(draft("databricks"))
    await worker.run(id)
    await home.click("lena", id, "reject", reason="too big")
    assert standing(await worker.run(id)) == "rejected"
    await home.click("omar", id)
    await worker.run(id)
    assert home.cloud.applied == []


# ---------------------------------------------------------------- unknown outcomes


async def test_an_apply_that_died_is_looked_up_adopted_and_finished(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    await start_and_die(home, deployment)
    workspace = deployment.steps[0].workspace
    assert len(home.cloud.exists) == 1
    assert home.cloud.state(workspace).contents == {}
    done = await home.worker().run(deployment.id)
    assert standing(done) == "succeeded"
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


async def test_a_changed_request_keeps_equal_steps_and_plans_changed_ones_again(
    home: House,
) -> None:
    worker = home.worker()
    id = await home.submit(draft("azure_openai", "storage"))
    before = await worker.run(id)
    again = await home.submit(draft("azure_openai", "storage", replication="GRS"), present=id)
    assert again == id
    changed = await home.get(id)
    assert state_of(changed) == Unplanned(2, "the request changed")
    assert changed.step(StepId("azure_openai")).state == before.step(StepId("azure_openai")).state
    after = await worker.run(id)
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
    await undo(home, worker, second.id, "roll_back")
    assert home.cloud.state(workspace).contents == before
    versions = await home.workspaces().versions(workspace)
    assert len(versions) == 1
    await undo(home, worker, first.id, "roll_back")


async def test_a_destroy_leaves_nothing_and_asks_first(home: House) -> None:
    worker = home.worker()
    deployment = await done(home, worker, draft("databricks", "storage", databricks_access=True))
    ended = await undo(home, worker, deployment.id, "destroy")
    assert standing(ended) == "destroyed"
    assert home.cloud.exists == {}
    assert [step.id for step in ended.steps] == ["storage", "databricks"]
    assert await home.workspaces().versions(deployment.steps[0].workspace) == ()


async def test_destroying_production_asks_platform_again_when_it_is_its_turn(home: House) -> None:
    worker = home.worker()
    deployment = await done(home, worker, draft("storage", environment="production"))
    id = await home.provisioning.destroy(deployment.id, await home.person("ana"), EventId("undo-1"))
    await worker.run(id)
    await home.click("omar", id)
    confirming = await worker.run(id)
    assert confirming.steps[0].state.kind == "confirming"
    assert home.cloud.exists
    await home.click("omar", id)
    assert standing(await worker.run(id)) == "destroyed"


# ---------------------------------------------------------------- people at once


async def test_fifty_deliveries_of_one_click_are_one_decision(home: House) -> None:
    worker = home.worker()
    id = await home.submit(draft("storage"))
    await worker.run(id)
    await asyncio.gather(*(home.click("ana", id, event="e-1") for _ in range(50)))
    assert len((await home.get(id)).decisions) == 1
    assert (await home.actions(id)).count("approve") == 1


async def test_fifty_clicks_at_once_are_one_decision_and_fortynine_refusals(home: House) -> None:
    worker = home.worker()
    id = await home.submit(draft("storage"))
    await worker.run(id)
    rulings = await asyncio.gather(*(home.click("ana", id) for _ in range(50)))
    assert sum(bool(ruling.counted) for ruling in rulings) == 1
    assert len((await home.get(id)).decisions) == 1
    assert (await home.actions(id)).count("click refused") == 49


async def test_two_approvers_racing_are_both_on_record(home: House) -> None:
    worker = home.worker()
    id = await home.submit(draft("databricks", "storage", databricks_access=True))
    await worker.run(id)
    await asyncio.gather(home.click("lena", id), home.click("sam", id))
    deployment = await home.get(id)
    assert standing(deployment) == "queued"
    assert {d.decision.by for d in deployment.decisions} == {"lena", "sam"}


async def test_approving_and_withdrawing_at_the_same_instant_keep_their_order(
    home: House,
) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    for verb in ("withdraw", "approve", "withdraw"):
        await home.click("ana", deployment.id, verb, event=f"{verb[::-1]}-{verb}")
        home.clock.advance(0.5)
    loaded = await home.get(deployment.id)
    verdicts = [d.decision.verdict.value for d in loaded.decisions]
    assert verdicts[:2] == ["approve", "withdraw"]


# ---------------------------------------------------------------- what the tests do


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
    terraform.during = lambda *_: waits(asyncio.Event())
    running = asyncio.create_task(worker.act(deployment.id, next_actions(deployment)[0]))
    await until_applying(home, deployment.id)
    store.dead = worker.leaving = True
    running.cancel()
    with pytest.raises(Died):
        await running


async def done(home: House, worker: DirectEngine, wanted: Draft) -> Deployment:
    id = await home.submit(wanted)
    await worker.run(id)
    await sign(home, id)
    return await worker.run(id)


async def undo(home: House, worker: DirectEngine, id: DeploymentId, how: str) -> Deployment:
    ask = home.provisioning.roll_back if how == "roll_back" else home.provisioning.destroy
    undoing = await ask(id, await home.person("ana"), EventId(f"{how}-{id}"))
    await worker.run(undoing)
    await sign(home, undoing)
    return await worker.run(undoing)
