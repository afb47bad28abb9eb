"""From a nudge to the first activity of the workflow that it starts, on a real Temporal server."""

import asyncio
from pathlib import Path
from time import perf_counter

from temporalio import activity
from temporalio.worker import Worker

from benchmarks.figures import Figure
from bot.processes.temporal_server import temporal_server
from orchestration.engine.client import TemporalEngine
from orchestration.engine.workflows import CONTROL_QUEUE, DeploymentWorkflow, View
from orchestration.ports import DeploymentId

GOAL_MS = 250.0
_WARM_UP = 5
_STARTS = 100


class Looking:
    """The workflow's first activity, which notes when it began and leaves nothing to do."""

    def __init__(self) -> None:
        self.began: dict[str, asyncio.Future[float]] = {}

    @activity.defn(name="look")
    async def look(self, deployment: str) -> View:
        if not self.began[deployment].done():
            self.began[deployment].set_result(perf_counter())
        return View([], final=True)


async def measure(folder: Path) -> list[Figure]:
    looking = Looking()
    async with temporal_server(folder) as server:
        engine = TemporalEngine(lambda: server.address)
        worker = Worker(
            await engine.client(),
            task_queue=CONTROL_QUEUE,
            workflows=[DeploymentWorkflow],
            activities=[looking.look],
        )
        async with worker:
            taken = [await _start(engine, looking, n) for n in range(_WARM_UP + _STARTS)]
    nudged, began = zip(*taken[_WARM_UP:], strict=True)
    return [
        Figure("engine: nudge to first activity", began, "ms", GOAL_MS),
        Figure("  of which the nudge's own call", nudged, "ms"),
    ]


async def _start(engine: TemporalEngine, looking: Looking, n: int) -> tuple[float, float]:
    """Milliseconds until the nudge was accepted, and until the activity ran."""
    deployment = DeploymentId(f"d-{n:08}")
    looking.began[deployment] = asyncio.get_running_loop().create_future()
    start = perf_counter()
    await engine.nudge(deployment)
    accepted = perf_counter()
    began = await looking.began[deployment]
    return (accepted - start) * 1000, (began - start) * 1000
