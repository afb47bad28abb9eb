"""A real Temporal in memory, and workers of a house on it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from uuid import uuid4

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from bot.parts import SystemClock
from bot.processes.supervised import Child
from bot.processes.temporal_server import CONFIGURED, find_binary, greeted, started
from orchestration.deployment import Deployment
from orchestration.engine.client import TemporalEngine
from orchestration.engine.worker import Build, Ending, Share, work
from orchestration.engine.workflows import TERRAFORM_QUEUE
from orchestration.jobs.workshop import Workshop
from orchestration.permits import Permits
from orchestration.ports import DeploymentId, Store, Terraform
from tests.doubles.house import ORGANISATION, House

_PATIENCE_S = 60.0
"""More than the 20 s after which the engine notices that a worker that left took a look with it."""
ONLY = Build("only")


@asynccontextmanager
async def dev_server(folder: Path, *configured: str) -> AsyncIterator[str]:
    """Its address; `configured` are dynamic configuration values, KEY=JSON."""
    values = [
        part for value in (*CONFIGURED, *configured) for part in ("--dynamic-config-value", value)
    ]

    def child_on(ports: tuple[int, ...]) -> Child:
        return Child(
            "engine",
            (
                *(str(find_binary()), "server", "start-dev", "--headless", "--log-level", "error"),
                *("--ip", "127.0.0.1", "--port", str(ports[0])),
                *("--http-port", str(ports[1]), "--metrics-port", str(ports[2])),
                *values,
            ),
            folder / "temporal.log",
            ready=partial(greeted, ports[0]),
        )

    process, address = await started(child_on)
    try:
        yield address
    finally:
        await process.__aexit__()


@dataclass
class Worker:
    """One worker as it runs in a process of its own."""

    shop: Workshop
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None

    async def gone(self) -> None:
        assert self.task is not None
        async with asyncio.timeout(_PATIENCE_S):
            await self.task


@dataclass
class Cluster:
    """Temporal, and what nudges it."""

    home: House
    connect: Callable[[], TemporalEngine]
    address: str = ""

    def __post_init__(self) -> None:
        self.engine = self.connect()

    @asynccontextmanager
    async def worker(
        self,
        *,
        terraform: Terraform | None = None,
        store: Store | None = None,
        drain_s: float = 0.0,
        max_jobs: int = 4,
        limit: int = 0,
        build: Build = ONLY,
    ) -> AsyncIterator[Worker]:
        engine = self.connect()  # a client of its own, as a process has
        one = Worker(
            replace(self.home.worker(store=store, terraform=terraform).shop, engine=engine)
        )
        permits = Permits(
            store or self.home.store, ORGANISATION, SystemClock(), limit=limit, holder=uuid4().hex
        )
        share = Share(max_jobs, permits)
        end = Ending(one.begun, one.hurry, drain_s)
        one.task = asyncio.create_task(
            work(await engine.client(), one.shop, build=build, share=share, end=end)
        )
        try:
            yield one
        finally:
            one.begun.set()
            one.hurry.set()
            await one.gone()

    async def until_queued(self, jobs: int) -> None:
        """Until that many jobs wait for a free worker."""
        client = await self.engine.client()
        request = DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=TERRAFORM_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
            report_stats=True,
        )
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                told = await client.workflow_service.describe_task_queue(request)
                if told.stats.approximate_backlog_count >= jobs:
                    return
                await asyncio.sleep(0.05)

    async def until(self, id: DeploymentId, true: Callable[[Deployment], bool]) -> Deployment:
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                if true(found := await self.home.get(id)):
                    return found
                await asyncio.sleep(0.02)


@asynccontextmanager
async def cluster(home: House, *configured: str) -> AsyncIterator[Cluster]:
    async with dev_server(home.folder, *configured) as address:
        yield Cluster(home, lambda: TemporalEngine(lambda: address), address)
