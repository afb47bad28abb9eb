"""The worker: runs the workflows and the Terraform jobs until it is told to stop."""

import asyncio
import logging
from contextlib import AsyncExitStack
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from orchestration.engine.activities import Activities
from orchestration.engine.workflows import CONTROL_QUEUE, TERRAFORM_QUEUE, DeploymentWorkflow
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


async def work(client: Client, shop: Workshop, *, max_jobs: int, stop: asyncio.Event) -> None:
    """Work until `stop` is set; running Terraform is then interrupted and found by the next one."""
    activities = Activities(shop)
    control = Worker(
        client,
        task_queue=CONTROL_QUEUE,
        workflows=[DeploymentWorkflow],
        activities=activities.control(),
        build_id=_BUILD,
        sticky_queue_schedule_to_start_timeout=_STICKY,
    )
    terraform = Worker(
        client,
        task_queue=TERRAFORM_QUEUE,
        activities=activities.terraform(),
        build_id=_BUILD,
        max_concurrent_activities=max_jobs,
        graceful_shutdown_timeout=timedelta(seconds=0),
        max_heartbeat_throttle_interval=_HEARTBEATS,
        default_heartbeat_throttle_interval=_HEARTBEATS,
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(control)
        await stack.enter_async_context(terraform)
        reconciling = asyncio.create_task(_reconcile(shop))
        await stop.wait()
        reconciling.cancel()


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
