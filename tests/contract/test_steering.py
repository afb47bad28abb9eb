"""Cancel, retry, withdraw, reject; and many people at once."""

import asyncio
from dataclasses import replace

import pytest

from approvals.gates import Gate
from approvals.principals import PrincipalId
from orchestration.deployment import (
    Approved,
    Awaiting,
    Cancelled,
    Deployment,
    Failed,
    Succeeded,
)
from orchestration.errors import UserError
from orchestration.next_actions import job_id, next_actions
from orchestration.ports import StepId
from orchestration.standing import standing
from tests.contract.executing import (
    STORAGE,
    signed_off,
    start_and_die,
    started,
    state_of,
    until_applying,
    waits,
)
from tests.doubles.house import House, draft, said
from tests.doubles.terraform import FakeTerraform


async def test_cancelling_what_waits_ends_it_and_frees_its_workspace(home: House) -> None:
    worker = home.worker()
    first = await signed_off(home, worker, "storage")
    second = await signed_off(home, worker, "storage")
    workspace = first.steps[0].workspace
    await worker.shop.take_turn(first, first.steps[0], f"{first.id}/apply/storage/1")
    queued = await worker.run(second.id)
    behind = f"{first.steps[0].name} of {first.id}, asked by ana"
    assert state_of(queued) == Approved(1, place=2, behind=behind)
    await home.provisioning.cancel(second.id, await home.person("ana"))
    cancelled = await worker.run(second.id)
    assert isinstance(state_of(cancelled), Cancelled)
    assert [job.deployment for job in await home.workspaces().queue(workspace)] == [first.id]
    assert standing(await worker.run(first.id)) == "succeeded"
    assert started(await home.actions(second.id)) == 0


async def test_a_plan_that_is_cancelled_holds_its_workspace_until_it_has_ended(
    home: House,
) -> None:
    worker = home.worker()
    id = await home.submit(draft("storage"))
    deployment = await home.get(id)
    (action,) = next_actions(deployment)
    job = job_id(id, action)
    await worker.shop.take_turn(deployment, deployment.steps[0], job)
    await home.provisioning.cancel(id, await home.person("ana"))
    queue = await home.workspaces().queue(deployment.steps[0].workspace)
    assert [one.id for one in queue] == [job]
    await worker.act(id, action)
    assert await home.workspaces().queue(deployment.steps[0].workspace) == ()


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


async def test_an_ended_deployment_is_not_open_until_it_is_retried(
    home: House,
) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    deployments = home.deployments()
    assert deployment.id in await deployments.open()
    await home.provisioning.cancel(deployment.id, await home.person("ana"))
    assert deployment.id not in await deployments.open()
    await home.provisioning.retry(deployment.id, await home.person("ana"))
    assert deployment.id in await deployments.open()


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


async def test_fifty_deliveries_of_one_click_are_one_decision(home: House) -> None:
    worker = home.worker()
    id = await home.submit(draft("storage"))
    await worker.run(id)
    await asyncio.gather(*(home.click("ana", id, event="e-1") for _ in range(50)))
    assert len((await home.get(id)).decisions) == 1
    assert (await home.actions(id)).count("approve") == 1


async def test_a_refused_click_that_is_delivered_again_is_on_record_once(home: House) -> None:
    id = await home.submit(draft("storage"))
    await home.click("ana", id, event="e-1")
    await home.worker().run(id)
    await home.click("ana", id, event="e-1")
    assert (await home.get(id)).decisions == ()
    assert (await home.actions(id)).count("click refused") == 1


async def test_two_steps_of_one_name_are_told_apart_by_their_ids(home: House) -> None:
    found = await signed_off(home, home.worker(), "azure_openai", "storage")

    def one_name(deployment: Deployment) -> Deployment:
        steps = (replace(s, name="ml", state=Awaiting(1)) for s in deployment.steps)
        return replace(deployment, steps=tuple(steps))

    await home.deployments().change(found.id, one_name)
    with pytest.raises(UserError, match="2 steps are called 'ml'"):
        await home.click("lena", found.id, step="ml")
    ruling = await home.click("ana", found.id, "withdraw", step="storage")
    assert ruling.counted == ["ml"]


async def test_a_step_that_is_added_asks_finance_about_the_approved_ones_too(home: House) -> None:
    worker = home.worker()
    small = await signed_off(home, worker, "storage", environment="production")
    assert not any("finance" in gate.id for gate in _gates(small))
    wanted = draft("databricks", "storage", environment="production")
    sizes = said(max_workers=40)
    wanted = replace(wanted, steps=(replace(wanted.steps[0], said=sizes), wanted.steps[1]))
    await home.submit(wanted, present=small.id)
    grown = await worker.run(small.id)
    assert any("finance" in gate.id for gate in _gates(grown))
    assert isinstance(state_of(grown), Awaiting)
    await home.click("mia", grown.id, step="storage")
    assert isinstance(state_of(await home.get(grown.id)), Approved)


def _gates(deployment: Deployment) -> tuple[Gate, ...]:
    record = deployment.plan(deployment.step(STORAGE))
    assert record is not None
    return record.gates


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


async def test_a_request_that_was_rejected_in_part_is_submitted_anew(home: House) -> None:
    worker = home.worker()
    id = await home.submit(draft("azure_openai", "storage"))
    await worker.run(id)
    ruling = await home.click("ana", id, "reject", step="storage", reason="too big")
    assert not ruling.refused
    assert standing(await home.get(id)) == "awaiting"
    for _ in range(2):
        anew = await home.submit(draft("azure_openai", "storage"), event="again", present=id)
    assert anew != id
    assert standing(await home.get(id)) in {"rejected", "cancelled"}
    await worker.run(anew)
    assert [s.state.kind for s in (await home.get(anew)).steps] == ["awaiting", "awaiting"]
