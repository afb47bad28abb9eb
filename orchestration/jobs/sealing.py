"""The seal on a saved plan: checked right before it is applied, on the very bytes that are."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from orchestration.deployment import PlanRecord, Step
from orchestration.errors import PermanentError, SignoffError
from orchestration.jobs.files import Files
from orchestration.jobs.workshop import Workshop
from orchestration.ports import DeploymentId, NotFound, StepId

_KEPT_S = 30 * 24 * 3600


class BrokenSeal(SignoffError):
    """The saved plan must not be applied any more; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved plan whose seal holds."""

    plan: bytes
    lock: str


async def keep(
    shop: Workshop, id: DeploymentId, step: StepId, record: PlanRecord, saved: Saved
) -> None:
    """Store what `record` seals; another try at the same plan may have stored its own."""
    await shop.artifacts.put(_plan_name(id, step, record), saved.plan, ttl_s=_KEPT_S)
    await shop.artifacts.put(_lock_name(id, step, record), saved.lock.encode(), ttl_s=_KEPT_S)


async def unsealed(
    shop: Workshop, id: DeploymentId, step: Step, record: PlanRecord, files: Files
) -> Saved:
    """The plan to apply. Raises: BrokenSeal."""
    seal = record.seal
    if files.complete and not seal.inputs_known:
        raise BrokenSeal("the values it needs from earlier steps are known now")
    if shop.clock.now() - record.at > timedelta(seconds=shop.plan_max_age_s):
        raise BrokenSeal("the plan had become too old")
    if await shop.terraform.state(step.workspace) != seal.state:
        raise BrokenSeal("the workspace had changed since the plan was made")
    plan, lock = await _stored(shop, id, step, record)
    if (sha256(plan).hexdigest(), sha256(lock).hexdigest()) != (seal.plan_sha256, seal.lock_sha256):
        raise BrokenSeal("the saved plan is not the one that was signed off")
    return Saved(plan, lock.decode())


async def _stored(
    shop: Workshop, id: DeploymentId, step: Step, record: PlanRecord
) -> tuple[bytes, bytes]:
    try:
        plan = await shop.artifacts.get(_plan_name(id, step.id, record))
        return plan, await shop.artifacts.get(_lock_name(id, step.id, record))
    except NotFound as error:
        raise BrokenSeal("the saved plan had expired") from error
    except PermanentError as error:
        raise BrokenSeal("the saved plan was damaged") from error


def _plan_name(id: DeploymentId, step: StepId, record: PlanRecord) -> str:
    return f"plans/{id}/{step}-{record.number:03d}-{record.seal.plan_sha256[:16]}.tfplan"


def _lock_name(id: DeploymentId, step: StepId, record: PlanRecord) -> str:
    return f"plans/{id}/{step}-{record.number:03d}-{record.seal.lock_sha256[:16]}.lock.hcl"
