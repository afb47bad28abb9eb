"""The worker: runs the workflows and the Terraform jobs until it is told to go."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from orchestration.engine.activities import Activities
from orchestration.engine.leaving import LeavingWorker
from orchestration.engine.reconciling import reconcile
from orchestration.engine.slots import tuned
from orchestration.engine.workflows import (
    CONTROL_QUEUE,
    LONGEST_JOB,
    TERRAFORM_QUEUE,
    DeploymentWorkflow,
)
from orchestration.jobs.workshop import Workshop
from orchestration.permits import Permits

WORKERS = "signoff"
"""What the cluster calls all workers together, a worker deployment."""
_STICKY = timedelta(seconds=2)
"""How long a workflow waits for the worker that ran it last, which may have died."""
_HEARTBEATS = timedelta(seconds=1)
"""The longest that a heartbeat is held back, of the few seconds that one is waited for."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """`begun`: take nothing new. What runs may go on for `within_s`, or until `hurry`; the rest is
    handed back: its Terraform is interrupted, and the next worker finds what it had done."""

    begun: asyncio.Event
    hurry: asyncio.Event
    within_s: float


@dataclass(frozen=True, slots=True)
class Build:
    """Which one of the program this is. If `versioned`, it is only given work once the cluster was
    told that this is the current one, and none any more once another is."""

    id: str
    versioned: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """How many jobs run at a time here, and whether they may with all that run elsewhere."""

    max_jobs: int
    permits: Permits


async def work(client: Client, shop: Workshop, *, build: Build, share: Share, end: Ending) -> None:
    """Work until the end has begun and nothing runs any more."""
    activities = Activities(shop, share.permits)
    terraform = _terraform(client, activities, build, share)
    control = _control(client, activities, build)
    async with (
        share.permits.kept(),
        control,
        terraform,
    ):  # in this order: stops are heard while jobs drain
        reconciling = asyncio.create_task(reconcile(shop))
        try:
            await end.begun.wait()
            _log.info("draining", extra={"fields": {"jobs": activities.running}})
            await _drained(terraform, end)
        finally:
            reconciling.cancel()
            activities.hand_back()


async def _drained(terraform: Worker, end: Ending) -> None:
    """Until nothing runs any more, the time is over or it hurries."""
    ways = [asyncio.create_task(terraform.shutdown()), asyncio.create_task(end.hurry.wait())]
    await asyncio.wait(ways, timeout=end.within_s, return_when=asyncio.FIRST_COMPLETED)
    for way in ways:
        way.cancel()


def _control(client: Client, activities: Activities, build: Build) -> Worker:
    return LeavingWorker(
        client,
        jobs=activities,
        task_queue=CONTROL_QUEUE,
        workflows=[DeploymentWorkflow],
        activities=activities.control(),
        deployment_config=_deployment(build),
        sticky_queue_schedule_to_start_timeout=_STICKY,
    )


def _terraform(client: Client, activities: Activities, build: Build, share: Share) -> Worker:
    return LeavingWorker(
        client,
        jobs=activities,
        task_queue=TERRAFORM_QUEUE,
        activities=activities.terraform(),
        deployment_config=_deployment(build),
        tuner=tuned(share.max_jobs, share.permits),
        graceful_shutdown_timeout=LONGEST_JOB,  # they are handed back before
        max_heartbeat_throttle_interval=_HEARTBEATS,
        default_heartbeat_throttle_interval=_HEARTBEATS,
    )


def _deployment(build: Build) -> WorkerDeploymentConfig:
    """A workflow goes on with the current build: it holds no truth that an older one must keep."""
    return WorkerDeploymentConfig(
        WorkerDeploymentVersion(WORKERS, build.id),
        use_worker_versioning=build.versioned,
        default_versioning_behavior=(
            VersioningBehavior.AUTO_UPGRADE if build.versioned else VersioningBehavior.UNSPECIFIED
        ),
    )
