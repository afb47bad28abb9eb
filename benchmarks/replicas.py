"""What more processes give: whole turns in Teams with one and two web replicas, and jobs a minute
with one, two and three workers, all sharing one SQLite file and one Temporal dev server.

The people, Teams and these two cores are shared by all of them: the shares of processor time say
who took what.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from itertools import cycle
from pathlib import Path

import psutil

from approvals.principals import PrincipalId
from benchmarks.figures import Figure
from benchmarks.fronts import Asked, bursts, heard_in_teams, in_teams
from bot.clouds import sandbox
from bot.parts import opened
from bot.processes.supervised import Child, Supervised
from bot.settings import Settings
from bot.wiring import engine, workshop
from orchestration.deciding import decide
from orchestration.draft import Draft, DraftStep
from orchestration.gating import shown
from orchestration.jobs.workshop import Workshop
from orchestration.messages import Clicked, EventId, ThreadId
from orchestration.ports import DeploymentId, Engine
from orchestration.provisioning import Provisioning
from orchestration.standing import standing
from tests.doubles.house import said
from tests.doubles.temporal import dev_server
from tests.far.teams.far import TeamsFarSide, teams_far_side
from tests.faults.serving import ROOT, Server

_REPLICAS = (1, 2)
_WORKERS = (1, 2, 3)
_TURNS = 300
_JOBS = 24
_AT_ONCE = 2
_PATIENCE_S = 180.0


async def measure(folder: Path) -> list[Figure]:
    async with dev_server(folder) as address:
        web = [await _web(folder / f"web-{n}", address, n) for n in _REPLICAS]
        jobs = [await _work(folder / f"work-{n}", address, n) for n in _WORKERS]
    return [figure for figures in (*web, *jobs) for figure in figures]


async def _web(folder: Path, address: str, replicas: int) -> list[Figure]:
    async with teams_far_side(limits=(), strict=False) as far, AsyncExitStack() as stack:
        settings = {**far.settings(), "engine": "address", "engine_address": address}
        servers = [Server(folder, settings) for _ in range(replicas)]
        urls = []
        for server in servers:
            urls.append(await server.start())
            stack.push_async_callback(server.stop)
        before, began = _processor_s(servers), time.perf_counter()
        found = await bursts(_balanced(far, urls), lambda: heard_in_teams(far), _TURNS)
        lasted = time.perf_counter() - began
        used = [
            (now - was) / lasted for was, now in zip(before, _processor_s(servers), strict=True)
        ]
    ours, *theirs = used
    name = f"web, {replicas} replica{'s' if replicas > 1 else ''}"
    return [
        Figure(f"{name}: acknowledged", [b.acknowledged for b in found], "/s"),
        Figure(f"{name}: turns completed", [b.completed for b in found], "/s"),
        Figure("  processors used by each replica", theirs, "cores"),
        Figure("  processors used by people and Teams", [ours], "cores"),
    ]


def _balanced(far: TeamsFarSide, urls: Sequence[str]) -> Callable[[str], Awaitable[Asked]]:
    ask, next_url = in_teams(far), cycle(urls)

    async def balanced(text: str) -> Asked:
        far.bot_url = next(next_url)  # read before anything is waited for
        return await ask(text)

    return balanced


def _processor_s(servers: Sequence[Server]) -> list[float]:
    """This process first."""
    times = [psutil.Process(pid).cpu_times() for pid in (os.getpid(), *(s.pid for s in servers))]
    return [used.user + used.system for used in times]


async def _work(folder: Path, address: str, workers: int) -> list[Figure]:
    settings = Settings(
        store=folder,
        prices_live=False,
        engine="address",
        engine_address=address,
        max_jobs_per_worker=_AT_ONCE,
    )
    async with opened(settings) as parts, AsyncExitStack() as stack:
        runs = engine(settings, lambda: address)
        shop = workshop(settings, parts, runs, sandbox(settings))
        for number in range(workers):
            await stack.enter_async_context(Supervised(_worker(number, settings)))
        await _planned(shop, runs, ["warm-up"])
        plans, ids = await _planned(shop, runs, [f"w{workers}-{n}" for n in range(_JOBS)])
        applies = await _applied(shop, runs, ids)
    name = f"work, {workers} worker{'s' if workers > 1 else ''} of {_AT_ONCE} jobs"
    return [
        Figure(f"{name}: plans", [60 * _JOBS / plans], "/min"),
        Figure(f"{name}: applies", [60 * _JOBS / applies], "/min"),
    ]


def _worker(number: int, settings: Settings) -> Child:
    told = {
        "SIGNOFF_STORE": str(settings.store),
        "SIGNOFF_PRICES_LIVE": "false",
        "SIGNOFF_ENGINE": settings.engine,
        "SIGNOFF_ENGINE_ADDRESS": settings.engine_address,
        "SIGNOFF_MAX_JOBS_PER_WORKER": str(settings.max_jobs_per_worker),
        "PYTHONPATH": str(ROOT),
    }
    command = (sys.executable, "-m", "bot.cli", "work")
    return Child(f"worker-{number}", command, settings.store / f"worker-{number}.log", told)


async def _planned(
    shop: Workshop, runs: Engine, teams: Sequence[str]
) -> tuple[float, list[DeploymentId]]:
    """Seconds until all are planned that are asked for at once."""
    deployments = shop.deployments
    provisioning = Provisioning(deployments, shop.workspaces, shop.catalogue, runs, shop.clock)
    ana = await shop.directory.get(PrincipalId("ana"))
    assert ana
    began = time.perf_counter()
    ids = [
        await provisioning.submit(_draft(team), ThreadId(team), ana, EventId(team), None)
        for team in teams
    ]
    await _until(shop, ids, "awaiting")
    return time.perf_counter() - began, ids


async def _applied(shop: Workshop, runs: Engine, ids: Sequence[DeploymentId]) -> float:
    """Seconds from the first signature until all are applied."""
    people = await shop.people()
    ana = next(one for one in people if one.id == "ana")
    began = time.perf_counter()
    for id in ids:
        seen = await shop.deployments.get(id)
        data = {"deployment": id, "step": "*", "shown": shown(seen, seen.steps)}
        about = ThreadId(seen.thread), ana.id, "approve", shop.clock.now(), data
        click = Clicked(EventId(f"click-{id}"), *about)
        await decide(shop.deployments, shop.clock, click, ana, people)
        await runs.nudge(id)
    await _until(shop, ids, "succeeded")
    return time.perf_counter() - began


async def _until(shop: Workshop, ids: Sequence[DeploymentId], state: str) -> None:
    left = set(ids)
    async with asyncio.timeout(_PATIENCE_S):
        while left:
            left = {id for id in left if standing(await shop.deployments.get(id)) != state}
            await asyncio.sleep(0.1)


def _draft(team: str) -> Draft:
    shared = said(team=team, environment="dev", region="eastus")
    return Draft((DraftStep("storage", "storage"),), shared)
