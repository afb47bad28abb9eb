"""The worker: runs the workflows and the Terraform jobs until it is told to stop."""

import asyncio
import logging
from contextlib import AsyncExitStack
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from orchestration.engine.activities import Activities
from orchestration.engine.workflows import CONTROL_QUEUE, TERRAFORM_QUEUE, DeploymentWorkflow
from orchestration.errors import TemporaryError
from orchestration.jobs.workshop import Workshop

_RECONCILE_S = 60.0
_log = logging.getLogger(__name__)


async def work(client: Client, shop: Workshop, *, max_jobs: int, stop: asyncio.Event) -> None:
    """Work until `stop` is set; running Terraform is then interrupted and found by the next one."""
    activities = Activities(shop)
    control = Worker(
        client,
        task_queue=CONTROL_QUEUE,
        workflows=[DeploymentWorkflow],
        activities=activities.control(),
    )
    terraform = Worker(
        client,
        task_queue=TERRAFORM_QUEUE,
        activities=activities.terraform(),
        max_concurrent_activities=max_jobs,
        graceful_shutdown_timeout=timedelta(seconds=0),
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(control)
        await stack.enter_async_context(terraform)
        reconciling = asyncio.create_task(_reconcile(shop))
        await stop.wait()
        reconciling.cancel()


async def _reconcile(shop: Workshop) -> None:
    """Nudge every open deployment now and then: one whose nudge was lost is found again."""
    while True:
        try:
            for deployment in await shop.deployments.open():
                await shop.engine.nudge(deployment)
        except TemporaryError:
            _log.warning("reconcile_postponed")
        await asyncio.sleep(_RECONCILE_S)
