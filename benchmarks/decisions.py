"""From a click on Approve to its record, on three-step deployments that wait for sign-off.

The deployments are made by the real conversation and the real planning job; only Terraform is asked
once per capability, and repeats itself after that.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.counting import Tally, counted
from benchmarks.figures import Figure
from benchmarks.inside import Inside, QuietEngine, clicked, inside, said
from bot.clouds import sandbox
from bot.wiring import workshop
from orchestration import records
from orchestration.heads import Heads
from orchestration.jobs import planning
from orchestration.jobs.workshop import Workshop
from orchestration.messages import Clicked, ThreadId
from orchestration.ports import DeploymentId, Planned, Terraform, WorkspaceId
from orchestration.standing import standing

GOAL_MS = 30.0
_DEPLOYMENTS = 40
_ASK = "Databricks, Azure OpenAI and a storage account for the ML team in production, East US"
_CLICKS = ("vic", "omar", "mia", "sam")
"""Who presses Approve: the viewer is refused, each of the others meets a gate."""


class Repeating:
    """`ports.Terraform` that makes one real plan per capability and gives it out again."""

    def __init__(self, terraform: Terraform) -> None:
        self._terraform = terraform
        self._plans: dict[str, Planned] = {}

    async def plan(
        self, workspace: WorkspaceId, files: Mapping[str, str], **options: Any
    ) -> Planned:
        capability = workspace.split("/")[2]
        if capability not in self._plans:
            self._plans[capability] = await self._terraform.plan(workspace, files, **options)
        return self._plans[capability]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._terraform, name)


async def measure(folder: Path) -> list[Figure]:
    async with inside(folder) as service:
        names = [f"thread-{n}" for n in range(_DEPLOYMENTS)]
        await _submit(service, names)
        buttons = await _planned(service, names)
        taken: list[float] = []
        tallies: list[Tally] = []
        for person in _CLICKS:
            for name, button in zip(names, buttons, strict=True):
                milliseconds, tally = await _click(service, clicked(name, person, **button))
                taken.append(milliseconds)
                tallies.append(tally)
        await _check(service, [button["deployment"] for button in buttons])
    return [
        Figure("decision: click to recorded, three steps", taken, "ms", GOAL_MS),
        Figure("  of which store", [t.store_s * 1000 for t in tallies], "ms"),
        Figure("  store calls", [len(t.calls) for t in tallies], "calls"),
    ]


async def _check(service: Inside, ids: list[str]) -> None:
    """A benchmark of clicks that count for nothing would be worth nothing."""
    for id in ids:
        deployment = (await records.load(service.parts.store, DeploymentId(id))).deployment
        assert standing(deployment) == "queued", standing(deployment)


async def _submit(service: Inside, names: list[str]) -> None:
    """Every thread first asks, then submits, so that nobody waits for a card to be updated."""
    for text in (_ASK, "looks good"):
        for name in names:
            await service.threads.receive(said(name, "ana", text))
        for name in names:
            await service.threads.settled(ThreadId(name))


async def _planned(service: Inside, names: list[str]) -> list[dict[str, str]]:
    """Plan what the threads have submitted; what their Approve buttons carry."""
    made = workshop(service.settings, service.parts, QuietEngine(), sandbox(service.settings))
    shop = replace(made, terraform=Repeating(made.terraform))
    heads = Heads(service.parts.store, service.parts.clock, "benchmark")
    return [await _button(shop, (await heads.session(ThreadId(name))).deployment) for name in names]


async def _button(shop: Workshop, id: DeploymentId | None) -> dict[str, str]:
    assert id is not None, "nothing was submitted"
    for step in (await shop.deployments.get(id)).steps:
        await planning.plan(shop, id, step.id, 1)
    deployment = await shop.deployments.get(id)
    records = {step.id: deployment.plan(step) for step in deployment.steps}
    shown = ",".join(f"{step}={record.digest}" for step, record in records.items() if record)
    return {"verb": "approve", "deployment": id, "step": "*", "shown": shown}


async def _click(service: Inside, click: Clicked) -> tuple[float, Tally]:
    """Milliseconds until it was recorded, and what had been done by then."""
    tally, start = Tally(), perf_counter()
    with counted(tally):
        await service.threads.receive(click)
    return (perf_counter() - start) * 1000, replace(tally, calls=list(tally.calls))
