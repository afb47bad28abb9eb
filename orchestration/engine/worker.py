"""The worker: runs the workflows and the Terraform jobs until it is told to go."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from orchestration.engine.activities import Activities
from orchestration.engine.workflows import (
    CONTROL_QUEUE,
    LONGEST_JOB,
    TERRAFORM_QUEUE,
    DeploymentWorkflow,
)
from orchestration.errors import SignoffError
from orchestration.jobs.workshop import Workshop
from orchestration.measures import deployments_open

_RECONCILE_S = 60.0
_RECONCILE_AGAIN_S = 2.0
_STICKY = timedelta(seconds=2)
"""How long a workflow waits for the worker that ran it last, which may have died."""
_HEARTBEATS = timedelta(seconds=1)
"""The longest that a heartbeat is held back, of the few seconds that one is waited for."""
_BUILD = "signoff"
"""Named, or the SDK reads and compiles every module there is to make up a name (1 s)."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """`begun`: take nothing new. What runs may go on for `within_s`, or until `hurry`; the rest is
    handed back: its Terraform is interrupted, and the next worker finds what it had done."""

    begun: asyncio.Event
    hurry: asyncio.Event
    within_s: float


async def work(client: Client, shop: Workshop, *, max_jobs: int, end: Ending) -> None:
    """Work until the end has begun and nothing runs any more."""
    activities = Activities(shop)
    terraform = _terraform(client, activities, max_jobs)
    async with _control(client, activities), terraform:  # while it drains, stops are still heard
        reconciling = asyncio.create_task(_reconcile(shop))
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


def _control(client: Client, activities: Activities) -> Worker:
    return Worker(
        client,
        task_queue=CONTROL_QUEUE,
        workflows=[DeploymentWorkflow],
        activities=activities.control(),
        build_id=_BUILD,
        sticky_queue_schedule_to_start_timeout=_STICKY,
    )


def _terraform(client: Client, activities: Activities, max_jobs: int) -> Worker:
    return Worker(
        client,
        task_queue=TERRAFORM_QUEUE,
        activities=activities.terraform(),
        build_id=_BUILD,
        max_concurrent_activities=max_jobs,
        graceful_shutdown_timeout=LONGEST_JOB,  # they are handed back before
        max_heartbeat_throttle_interval=_HEARTBEATS,
        default_heartbeat_throttle_interval=_HEARTBEATS,
    )


async def _reconcile(shop: Workshop) -> None:
    """Nudge every open deployment, at the start and now and then: one whose nudge was lost, or
    whose worker died, is found again."""
    while True:
        try:
            found = await shop.deployments.open()
            deployments_open(len(found))
            for deployment in found:
                await shop.engine.nudge(deployment)
            await asyncio.sleep(_RECONCILE_S)
        except SignoffError:
            _log.warning("reconcile_postponed", exc_info=True)
            await asyncio.sleep(_RECONCILE_AGAIN_S)
