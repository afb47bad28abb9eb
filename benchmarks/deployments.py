"""A three-step deployment through everything, against the same Terraform commands from a script.

A B A B ...: each pair is one deployment, from the click on `Looks good` to its success with every
approval clicked as soon as it is asked for, and then the script over the files that it rendered.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure
from benchmarks.inside import Ear, clicked, said
from benchmarks.memory import occupied
from benchmarks.shell import Steps, run_script
from bot.parts import Parts, opened
from bot.settings import Settings
from bot.wiring import wired
from orchestration import records
from orchestration.deployment import Awaiting, Deployment, Step
from orchestration.heads import Heads
from orchestration.messages import ThreadId
from orchestration.ports import DeploymentId
from orchestration.service import Service
from orchestration.standing import is_final, standing

GOAL_RATIO = 1.15
_PAIRS = ("ML", "data", "risk")
"""One team each, so that no two deployments share a name."""
_ASK = "Databricks, Azure OpenAI and a storage account for the {team} team in dev, East US"
_POLL_S = 0.03


async def measure(folder: Path) -> list[Figure]:
    return [
        *await _pairs(folder / "normal", "normal delays", speed=1.0, goal=GOAL_RATIO),
        *await _pairs(folder / "zero", "zero delay", speed=0.0, goal=None),
    ]


async def _pairs(folder: Path, name: str, *, speed: float, goal: float | None) -> list[Figure]:
    ours: list[float] = []
    script: list[float] = []
    async with _running(folder / "signoff", speed) as driver:
        for n, team in enumerate(_PAIRS):
            seconds, steps = await driver.deployment(team)
            ours.append(seconds)
            script.append(await run_script(folder / f"shell-{n}", steps, speed=speed))
        worker = occupied(os.getpid())["worker"]
    ratios = [one / other for one, other in zip(ours, script, strict=True)]
    return [
        Figure(f"three steps, {name}: signoff", ours, "s"),
        Figure(f"three steps, {name}: shell script", script, "s"),
        Figure(f"three steps, {name}: ratio", ratios, "x", goal, judged="median"),
        Figure("  memory of worker afterwards, RSS", [worker], "MB"),
    ]


@asynccontextmanager
async def _running(store: Path, speed: float) -> AsyncIterator["Driver"]:
    """Everything that `signoff chat` starts, and a second look into its store."""
    os.environ["SIGNOFF_SANDBOX_SPEED"] = f"{speed:g}"  # the worker reads it
    settings = Settings(store=store, prices_live=False)
    async with wired(settings, Ear()) as service, opened(settings) as parts:
        yield Driver(service, parts)


@dataclass(frozen=True, slots=True)
class Driver:
    """Asks and clicks; whoever a gate asks for clicks as soon as it does."""

    service: Service
    parts: Parts

    async def deployment(self, team: str) -> tuple[float, Steps]:
        """Seconds from submit to success, and the files of its steps."""
        thread = ThreadId(team)
        await self.service.receive(said(team, "ana", _ASK.format(team=team)))
        await self.service.settled(thread)
        start = perf_counter()
        await self.service.receive(clicked(team, "ana", "submit"))
        await self.service.settled(thread)
        id = (
            await Heads(self.parts.store, self.parts.clock, "benchmark").session(thread)
        ).deployment
        assert id is not None, "nothing was submitted"
        asked: set[str] = set()
        while not is_final(deployment := (await records.load(self.parts.store, id)).deployment):
            await self._approve(deployment, asked)
            await asyncio.sleep(_POLL_S)
        seconds = perf_counter() - start
        assert standing(deployment) == "succeeded", standing(deployment)
        return seconds, {step.id: await self._files(id, step) for step in deployment.steps}

    async def _approve(self, deployment: Deployment, asked: set[str]) -> None:
        for step in deployment.steps:
            record = deployment.plan(step)
            if record and isinstance(step.state, Awaiting) and step.id not in asked:
                asked.add(step.id)
                data = {"deployment": deployment.id, "step": step.id}
                shown = f"{step.id}={record.digest}"
                for gate in record.gates:
                    people = await self.parts.directory.with_roles(gate.roles)
                    by = next(p.id for p in people if p.id != deployment.requester)
                    click = clicked(deployment.thread, by, "approve", **data, shown=shown)
                    await self.service.receive(click)

    async def _files(self, id: DeploymentId, step: Step) -> dict[str, str]:
        stored = await self.parts.artifacts.get(f"files/{id}/{step.id}-001.json")
        files: dict[str, str] = json.loads(stored)
        return files
