"""Apply the saved plan that was signed off: exactly that file, once."""

import asyncio
import json
from asyncio import CancelledError, shield
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from approvals.change import Operation
from capabilities.values import Json
from orchestration import transitions
from orchestration.deployment import (
    Applying,
    Approved,
    Deployment,
    Failed,
    Kind,
    Step,
)
from orchestration.errors import TemporaryError
from orchestration.jobs import sealing
from orchestration.jobs.files import Files, files_of
from orchestration.jobs.log import RunId
from orchestration.jobs.progress import Progress
from orchestration.jobs.sealing import BrokenSeal, Saved
from orchestration.jobs.workshop import Outcome, Workshop
from orchestration.measures import apply_started, failed
from orchestration.next_actions import Do, NextAction, job_id
from orchestration.ports import (
    Applied,
    DeploymentId,
    OnLine,
    StepId,
    TerraformCancelled,
    TerraformFailed,
)
from orchestration.transitions import Superseded
from orchestration.workspaces import Version


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at applying one plan. `owner` is new for every try, `leaving` says whether the
    process is being stopped."""

    deployment: DeploymentId
    step: StepId
    plan: int
    owner: str
    leaving: Callable[[], bool] = field(default=lambda: False)

    @property
    def job_id(self) -> str:
        return job_id(self.deployment, NextAction(Do.APPLY, self.step, self.plan))


async def apply(shop: Workshop, attempt: Attempt) -> Outcome:
    """Apply, or find that it is not (or no longer) to be done.

    Raises: TemporaryError - try again later; CancelledError - Terraform has been stopped.
    """
    if attempt.job_id in shop.running:
        return Outcome.BUSY
    deployment = await shop.deployments.get(attempt.deployment)
    step = deployment.step(attempt.step)
    match step.state:
        case Approved(plan=attempt.plan):
            return await _take_turn(shop, attempt, deployment, step)
        case Applying(plan=attempt.plan):
            await _found_dead(shop, attempt, step)
    await shop.leave(step, attempt.job_id)
    return Outcome.DONE


async def stop(shop: Workshop, attempt: Attempt) -> Outcome:
    """Record the end of a cancelled apply that nobody runs any more."""
    if attempt.job_id in shop.running:
        return Outcome.BUSY
    step = (await shop.deployments.get(attempt.deployment)).step(attempt.step)
    await _found_dead(shop, attempt, step)
    await shop.leave(step, attempt.job_id)
    return Outcome.DONE


async def _found_dead(shop: Workshop, attempt: Attempt, step: Step) -> None:
    """Another attempt started this plan and does not run any more: nobody knows what it did."""
    at = shop.clock.now()
    await shop.deployments.change(
        attempt.deployment,
        lambda d: transitions.interrupted(d, d.step(step.id), plan=attempt.plan, at=at),
        shop.event(step, "interrupted", plan=attempt.plan),
    )
    failed("unknown", "apply")


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
    shop.running.add(attempt.job_id)
    try:
        await _to_the_end(shop, attempt, asyncio.create_task(_run(shop, attempt, deployment, step)))
    finally:
        shop.running.discard(attempt.job_id)
    return Outcome.DONE


async def _to_the_end(shop: Workshop, attempt: Attempt, job: asyncio.Task[None]) -> None:
    """Wait for the job. Only a stop of this process or of the deployment stops it: an engine
    that lost sight of it is no reason, and is told to look again when the job has ended."""
    forgotten = False
    while not job.done():
        try:
            await shield(job)
        except CancelledError:
            if attempt.leaving() or await _is_cancelled(shop, attempt.deployment):
                job.cancel()
            forgotten = True
        except Exception:  # noqa: S110 - raised below
            pass
    if forgotten:
        await shop.nudge(attempt.deployment)
    await job


async def _is_cancelled(shop: Workshop, id: DeploymentId) -> bool:
    try:
        return (await shop.deployments.get(id)).cancelled_by is not None
    except TemporaryError:
        return False


async def _run(shop: Workshop, attempt: Attempt, deployment: Deployment, step: Step) -> None:
    try:
        files = await files_of(shop, deployment, step)
        if files.missing:
            await _starved(shop, attempt, step, files.missing)
        elif saved := await _started(shop, attempt, deployment, step, files):
            await _terraform(shop, attempt, step, files, saved)
    except Superseded:
        raise  # the place in the queue is another attempt's, or is cleared by who waits
    except BaseException:
        await shop.leave(step, attempt.job_id)
        raise
    await shop.leave(step, attempt.job_id)


async def _starved(shop: Workshop, attempt: Attempt, step: Step, missing: Sequence[str]) -> None:
    """A plan that was made with stand-ins is never applied."""
    lacking = (name.partition(".") for name in missing)
    summary = "; ".join(f"{source} gave no {output}" for source, _, output in lacking)
    failure = Failed(attempt.plan, shop.clock.now(), "apply", summary)
    await shop.deployments.change(
        attempt.deployment,
        lambda d: transitions.starved(d, d.step(step.id), failure),
        shop.event(step, "apply failed", summary=summary, address=""),
    )


async def _started(
    shop: Workshop, attempt: Attempt, deployment: Deployment, step: Step, files: Files
) -> Saved | None:
    """Record the start and get what is to be applied; None when it has to be planned again."""
    record, people = deployment.plan(step), await shop.people()
    assert record is not None
    checked = await shop.deployments.change(
        attempt.deployment, lambda d: transitions.advanced(d, d.step(step.id), people)
    )
    if not isinstance(checked.step(step.id).state, Approved):
        return None
    try:
        saved = await sealing.unsealed(shop, attempt.deployment, step, record, files)
    except BrokenSeal as broken:
        why = str(broken)
        await shop.deployments.change(
            attempt.deployment,
            lambda d: transitions.unsealed(d, d.step(step.id), plan=attempt.plan, why=why),
            shop.event(step, "planned again", why=why),
        )
        return None
    at = shop.clock.now()
    await shop.deployments.change(
        attempt.deployment,
        lambda d: transitions.applying(
            d, d.step(step.id), plan=attempt.plan, owner=attempt.owner, at=at, people=people
        ),
        shop.event(step, "apply started", plan=attempt.plan, digest=record.digest),
    )
    agreed = [one.decision.at for one in deployment.decisions if one.step == step.id]
    waited = at - max([record.at, *agreed])
    apply_started(step.environment.value, waited.total_seconds())
    return saved


async def _terraform(
    shop: Workshop, attempt: Attempt, step: Step, files: Files, saved: Saved
) -> None:
    run = RunId(step.id, attempt.plan, "apply")
    async with shop.log(attempt.deployment, run) as log:
        await _logged(shop, attempt, step, files, saved, log)


async def _logged(
    shop: Workshop, attempt: Attempt, step: Step, files: Files, saved: Saved, log: OnLine
) -> None:
    progress = Progress(shop, attempt.deployment, step.id)
    try:
        applied = await shop.terraform.apply(
            step.workspace,
            files.content,
            saved.plan,
            lock=saved.lock,
            on_progress=progress.report,
            on_line=log,
        )
    except TerraformFailed as error:
        await _failed(shop, attempt, step, error)
    except (CancelledError, TerraformCancelled) as error:
        await shield(_stopped(shop, attempt, step))
        raise CancelledError from error
    else:
        await shield(_succeeded(shop, attempt, step, files, applied))


async def _failed(shop: Workshop, attempt: Attempt, step: Step, error: TerraformFailed) -> None:
    at = shop.clock.now()
    if not error.outcome_known:
        await shop.deployments.change(
            attempt.deployment,
            lambda d: transitions.stopped(d, d.step(step.id), owner=attempt.owner, at=at),
            shop.event(step, "interrupted", plan=attempt.plan, summary=error.summary),
        )
        return
    failure = Failed(attempt.plan, at, error.operation, error.summary, error.address)
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
            shop.event(step, "apply stopped", plan=attempt.plan),
        )
    except Superseded:
        return


async def _succeeded(
    shop: Workshop, attempt: Attempt, step: Step, files: Files, applied: Applied
) -> None:
    name = f"files/{attempt.deployment}/{step.id}-{attempt.plan:03d}.json"
    await shop.artifacts.put(name, json.dumps(dict(files.content), sort_keys=True).encode())
    await _note_version(shop, attempt, step, name)
    outputs: dict[str, Json] = {
        key: output.value for key, output in applied.outputs.items() if not output.sensitive
    }
    at = shop.clock.now()
    await shop.deployments.change(
        attempt.deployment,
        lambda d: transitions.succeeded(
            d, d.step(step.id), owner=attempt.owner, at=at, outputs=outputs
        ),
        shop.event(step, "applied", plan=attempt.plan, serial=applied.state.serial),
    )


async def _note_version(shop: Workshop, attempt: Attempt, step: Step, files: str) -> None:
    """Remember what is applied in the workspace now, before the step counts as done: a version
    that was noted and not told is noted again, one that was told is never missing."""
    version = Version(attempt.deployment, step.id, files)
    kind = (await shop.deployments.get(attempt.deployment)).kind
    if step.operation is Operation.DESTROY:
        await shop.workspaces.destroyed(step.workspace)
    elif kind is Kind.ROLL_BACK:
        await shop.workspaces.rolled_back(step.workspace, replace(version, files=step.target))
    else:
        await shop.workspaces.applied(step.workspace, version)
