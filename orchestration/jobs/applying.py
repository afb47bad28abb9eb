"""Apply the saved plan that was signed off: exactly that file, once."""

import json
from asyncio import CancelledError, shield
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from approvals.change import Operation
from capabilities.values import Json
from orchestration import transitions
from orchestration.deployment import (
    Applying,
    Approved,
    Deployment,
    Failed,
    Kind,
    PlanRecord,
    Step,
    Succeeded,
)
from orchestration.jobs.files import Files, files_of
from orchestration.jobs.planning import lock_artifact, plan_artifact
from orchestration.jobs.progress import Progress
from orchestration.jobs.workshop import Outcome, Workshop
from orchestration.ports import (
    Applied,
    DeploymentId,
    NotFound,
    StepId,
    TerraformCancelled,
    TerraformFailed,
)
from orchestration.transitions import Superseded
from orchestration.workspaces import Version


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at applying one plan. `owner` is new for every try, `leaving` says whether the
    process is being stopped (then a cancelled task is not a cancelled deployment)."""

    deployment: DeploymentId
    step: StepId
    plan: int
    owner: str
    leaving: Callable[[], bool] = field(default=lambda: False)

    @property
    def job_id(self) -> str:
        return f"{self.deployment}/{self.step}/apply/{self.plan}"


async def apply(shop: Workshop, attempt: Attempt) -> Outcome:
    """Apply, or find that it is not (or no longer) to be done.

    Raises: TemporaryError - try again later; CancelledError - Terraform has been stopped.
    """
    deployment = await shop.deployments.get(attempt.deployment)
    step = deployment.step(attempt.step)
    match step.state:
        case Applying(plan=attempt.plan, owner=owner):
            return await _found_running(shop, attempt, step, owner)
        case Succeeded(plan=attempt.plan):
            await _note_version(shop, deployment, step)
        case Approved(plan=attempt.plan):
            return await _take_turn(shop, attempt, deployment, step)
    await shop.leave(step, attempt.job_id)
    return Outcome.DONE


async def _found_running(shop: Workshop, attempt: Attempt, step: Step, owner: str) -> Outcome:
    """Another attempt started this plan. It is running here, or it died: then nobody knows."""
    if owner in shop.running:
        return Outcome.BUSY
    await shop.deployments.change(
        attempt.deployment,
        lambda d: transitions.interrupted(d, d.step(step.id), plan=attempt.plan),
        shop.event(step, "interrupted", plan=attempt.plan, owner=owner),
    )
    await shop.leave(step, attempt.job_id)
    return Outcome.DONE


async def _take_turn(
    shop: Workshop, attempt: Attempt, deployment: Deployment, step: Step
) -> Outcome:
    turn = await shop.take_turn(deployment, step, attempt.job_id)
    if turn.place > 1:
        await shop.deployments.change(
            attempt.deployment,
            lambda d: transitions.queued(d, d.step(step.id), place=turn.place, behind=turn.behind),
        )
        return Outcome.BUSY
    try:
        await _run(shop, attempt, deployment, step)
    finally:
        await shield(shop.leave(step, attempt.job_id))
    return Outcome.DONE


async def _run(shop: Workshop, attempt: Attempt, deployment: Deployment, step: Step) -> None:
    record = deployment.plan(step)
    assert record is not None
    files = await files_of(shop, deployment, step)
    broken = await _broken_seal(shop, attempt, step, record, files)
    if broken:
        await shop.deployments.change(
            attempt.deployment,
            lambda d: transitions.unsealed(d, d.step(step.id), broken),
            shop.event(step, "planned again", why=broken),
        )
        return
    at = shop.clock.now()
    await shop.deployments.change(
        attempt.deployment,
        lambda d: transitions.applying(
            d, d.step(step.id), plan=attempt.plan, owner=attempt.owner, at=at
        ),
        shop.event(step, "apply started", plan=attempt.plan, digest=record.digest),
    )
    shop.running.add(attempt.owner)
    try:
        await _terraform(shop, attempt, step, files)
    finally:
        shop.running.discard(attempt.owner)


async def _broken_seal(
    shop: Workshop, attempt: Attempt, step: Step, record: PlanRecord, files: Files
) -> str:
    """Why the saved plan must not be applied any more; "" when it may."""
    seal = record.seal
    if files.complete and not seal.inputs_known:
        return "the values it needs from earlier steps are known now"
    if shop.clock.now() - record.at > timedelta(seconds=shop.plan_max_age_s):
        return "the plan had become too old"
    if await shop.terraform.state(step.workspace) != seal.state:
        return "the workspace had changed since the plan was made"
    try:
        plan = await shop.artifacts.get(plan_artifact(attempt.deployment, step.id, record.number))
        lock = await shop.artifacts.get(lock_artifact(attempt.deployment, step.id, record.number))
    except NotFound:
        return "the saved plan had expired"
    sealed = (sha256(plan).hexdigest(), sha256(lock).hexdigest())
    if sealed != (seal.plan_sha256, seal.lock_sha256):
        return "the saved plan is not the one that was signed off"
    return ""


async def _terraform(shop: Workshop, attempt: Attempt, step: Step, files: Files) -> None:
    progress = Progress(shop, attempt.deployment, step.id)
    plan = await shop.artifacts.get(plan_artifact(attempt.deployment, step.id, attempt.plan))
    lock = await shop.artifacts.get(lock_artifact(attempt.deployment, step.id, attempt.plan))
    try:
        applied = await shop.terraform.apply(
            step.workspace,
            files.content,
            plan,
            lock=lock.decode(),
            on_progress=progress.report,
            on_line=progress.log,
        )
    except TerraformFailed as error:
        await _failed(shop, attempt, step, error)
    except (CancelledError, TerraformCancelled) as error:
        if not attempt.leaving():
            await shield(_stopped(shop, attempt, step))
        raise CancelledError from error
    else:
        await shield(_succeeded(shop, attempt, step, files, applied))
    finally:
        await shield(progress.keep_log(attempt.plan))


async def _failed(shop: Workshop, attempt: Attempt, step: Step, error: TerraformFailed) -> None:
    if not error.outcome_known:
        await shop.deployments.change(
            attempt.deployment,
            lambda d: transitions.interrupted(d, d.step(step.id), plan=attempt.plan),
            shop.event(step, "interrupted", plan=attempt.plan, summary=error.summary),
        )
        return
    failure = Failed(attempt.plan, shop.clock.now(), error.operation, error.summary, error.address)
    await shop.deployments.change(
        attempt.deployment,
        lambda d: transitions.failed(d, d.step(step.id), failure, owner=attempt.owner),
        shop.event(step, "apply failed", summary=error.summary, address=error.address),
    )


async def _stopped(shop: Workshop, attempt: Attempt, step: Step) -> None:
    at = shop.clock.now()
    try:
        await shop.deployments.change(
            attempt.deployment,
            lambda d: transitions.stopped(d, d.step(step.id), owner=attempt.owner, at=at),
            shop.event(step, "apply cancelled", plan=attempt.plan),
        )
    except Superseded:
        return


async def _succeeded(
    shop: Workshop, attempt: Attempt, step: Step, files: Files, applied: Applied
) -> None:
    name = f"files/{attempt.deployment}/{step.id}-{attempt.plan:03d}.json"
    await shop.artifacts.put(name, json.dumps(dict(files.content), sort_keys=True).encode())
    outputs: dict[str, Json] = {
        key: output.value for key, output in applied.outputs.items() if not output.sensitive
    }
    at = shop.clock.now()
    after = await shop.deployments.change(
        attempt.deployment,
        lambda d: transitions.succeeded(
            d, d.step(step.id), owner=attempt.owner, at=at, outputs=outputs
        ),
        shop.event(step, "applied", plan=attempt.plan, serial=applied.state.serial),
    )
    await _note_version(shop, after, after.step(step.id))


async def _note_version(shop: Workshop, deployment: Deployment, step: Step) -> None:
    """Remember what is applied in the workspace now; repeating it changes nothing."""
    assert isinstance(step.state, Succeeded)
    files = f"files/{deployment.id}/{step.id}-{step.state.plan:03d}.json"
    version = Version(deployment.id, step.id, files)
    if step.operation is Operation.DESTROY:
        await shop.workspaces.destroyed(step.workspace)
    elif deployment.kind is Kind.ROLL_BACK:
        await shop.workspaces.rolled_back(step.workspace, version)
    else:
        await shop.workspaces.applied(step.workspace, version)
