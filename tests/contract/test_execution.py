"""What is applied is what was signed off, once; what was signed off is not lost."""

import asyncio

import pytest

from approvals.findings import Finding, Level
from orchestration.deployment import (
    Awaiting,
    Failed,
    Succeeded,
)
from orchestration.next_actions import next_actions
from orchestration.ports import OutputValue, StepId
from orchestration.standing import standing
from tests.contract.executing import (
    STORAGE,
    SUBNET,
    signed_off,
    started,
    state_of,
    until_applying,
    waits,
)
from tests.doubles.house import House, draft
from tests.doubles.terraform import FakeTerraform


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
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
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


@pytest.mark.parametrize("secret", [False, True], ids=["null", "sensitive"])
async def test_a_plan_made_with_stand_ins_is_not_applied_when_the_output_never_came(
    home: House, secret: bool
) -> None:
    worker = home.worker()
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    deployment = await signed_off(home, worker, "databricks", "storage", databricks_access=True)
    output = deployment.step(STORAGE).inputs[0].output
    terraform.gives[output] = OutputValue("it" if secret else None, secret)
    ended = state_of(await worker.run(deployment.id))
    assert isinstance(ended, Failed)
    assert ended.summary == f"databricks gave no {output}"
    workspace = deployment.step(STORAGE).workspace
    assert not [a for w, a in home.cloud.exists if w == workspace]
    assert await home.workspaces().queue(workspace) == ()
