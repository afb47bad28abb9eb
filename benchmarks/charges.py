"""What one conversation takes, for `docs/cost.md`: what Cosmos DB charges by its double (a process
of its own), processor time of the web side and of Terraform, and what stays stored.

Besides its figures it writes `benchmarks/measured.json`.
"""

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import process_time

import aiohttp

from benchmarks.counting import Tally, charge, counted
from benchmarks.figures import Figure, quantile
from benchmarks.inside import Ear, QuietEngine, inside, said
from bot.clouds import sandbox
from bot.doctor.cosmos import CONTAINERS
from bot.parts import opened
from bot.settings import Settings
from bot.wiring import connected, workshop
from orchestration.adapters.cosmos import open_store
from orchestration.heads import Heads
from orchestration.jobs import planning
from orchestration.messages import ThreadId
from orchestration.paging import all_waiting
from orchestration.ports import DeploymentId, Store
from orchestration.standing import standing
from tests.clock import FakeClock
from tests.doubles.accounted import DATABASE, Accounted, living

MEASURED = Path(__file__).parent / "measured.json"
TURNS = ("East US", "geo-redundant", "what does that cost?")
"""After what is asked for, and before `submit` and `status`."""
_ASK = "a storage account for team t{n} in production"
_ROUNDS = 20
_IDLE_S = 30.0


@dataclass(frozen=True, slots=True)
class Double:
    url: str
    key: str

    async def charged(self) -> float:
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}_control/") as answer:
            return float(sum((await answer.json())["charged"].values()))


async def measure(folder: Path) -> list[Figure]:
    await asyncio.to_thread((folder / "web").mkdir)
    async with _double() as double:
        idle = await _idle(double, folder / "idle")
        found = await _conversations(double, folder / "web")
    job_s = await _terraform(folder / "jobs")
    figures = [
        Figure("a turn", found["turn"], "RU"),
        Figure("  processor time of the web side", found["turn_cpu"], "ms"),
        Figure("submitting", found["submit"], "RU"),
        Figure("a decision", found["decision"], "RU"),
        Figure("a step, planned and applied: the worker", found["worker"], "RU"),
        Figure("  its changes, spoken", found["spoken"], "RU"),
        Figure("stored for a deployment", found["stored"], "B"),
        Figure("a web replica with nothing to do", [idle], "RU/s"),
        Figure("planning a step: processor time of Terraform", [job_s], "s"),
    ]
    keys = ("turn", "turn_cpu", "submit", "decision", "worker", "spoken", "stored")
    measured = {key: round(quantile(found[key], 0.5), 1) for key in keys}
    measured |= {"idle": round(idle, 1), "plan_cpu_s": round(job_s, 1)}
    await asyncio.to_thread(_written, {"at": f"{datetime.now(UTC):%Y-%m-%d}", **measured})
    return figures


def _written(measured: dict[str, object]) -> None:
    MEASURED.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


async def _idle(double: Double, folder: Path) -> float:
    """Request units a second."""
    url, key = double.url, double.key
    settings = Settings(store=folder, prices_live=False, cosmos_url=url, cosmos_key=key)
    async with (
        opened(settings) as parts,
        connected(settings, parts, QuietEngine(), Ear()),
    ):
        await asyncio.sleep(2.0)
        before = await double.charged()
        await asyncio.sleep(_IDLE_S)
        return (await double.charged() - before) / _IDLE_S


async def _conversations(double: Double, folder: Path) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    async with (
        open_store(double.url, DATABASE, double.key, on_call=charge) as store,
        living(folder, store, FakeClock()) as one,
    ):
        for n in range(_ROUNDS):
            await _conversation(one, f"told-{n}", _ASK.format(n=n), found)
    return found


async def _conversation(
    one: Accounted, thread: str, ask: str, found: dict[str, list[float]]
) -> None:
    for text in (ask, *TURNS):
        before = process_time()
        found["turn"].append((await one.says(text, thread=thread)).ru)
        found["turn_cpu"].append((process_time() - before) * 1000)
    key = (await one.session(thread)).draft_key
    found["submit"].append((await one.clicks("submit", thread=thread, draft=key)).ru)
    id = (await one.session(thread)).deployment
    assert id
    planned = await _worked(one, id)
    found["turn"].append((await one.says("status", thread=thread)).ru)
    found["decision"].append((await one.decides("approve", "omar", id)).ru)
    applied = await _worked(one, id)
    assert standing(await one.home.get(id)) == "succeeded"
    found["worker"].append(planned[0] + applied[0])
    found["spoken"].append(planned[1] + applied[1])
    found["stored"].append(await _stored(one.home.store, id, ThreadId(thread)))


async def _worked(one: Accounted, id: DeploymentId) -> tuple[float, float]:
    """The worker's charges, and those of whoever speaks what comes of it."""
    working, speaking, looking = Tally(), Tally(), Tally()
    with counted(working):
        await one.home.worker().run(id)
    one.home.clock.advance(60)
    thread = (await one.home.get(id)).thread
    with counted(speaking):
        await one.service.settled(thread)
    with counted(looking):  # which `settled` has done as well
        for container in ("threads", "deployments"):
            await all_waiting(one.home.store, container, "out")
    return working.ru, speaking.ru - looking.ru


async def _stored(store: Store, id: DeploymentId, thread: ThreadId) -> float:
    """Characters of all that is kept of a deployment and its thread."""
    pages = [
        await store.find(c, p, limit=1000) for c, p in (("deployments", id), ("threads", thread))
    ]
    return sum(len(json.dumps(dict(one.body))) for page in pages for one in page.documents)


async def _terraform(folder: Path) -> float:
    """Processor seconds of Terraform and its providers for a plan, on the simulated cloud."""
    async with inside(folder) as service:
        for text in (_ASK.format(n=0).replace("production", "dev, East US"), "looks good"):
            await service.threads.receive(said("job", "ana", text))
            await service.threads.settled(ThreadId("job"))
        session = await Heads(service.parts.store, service.parts.clock, "b").session(
            ThreadId("job")
        )
        assert session.deployment
        shop = workshop(service.settings, service.parts, QuietEngine(), sandbox(service.settings))
        (step,) = (await shop.deployments.get(session.deployment)).steps
        before = _children_s()
        await planning.plan(shop, session.deployment, step.id, 1)
        return _children_s() - before


def _children_s() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@asynccontextmanager
async def _double() -> AsyncIterator[Double]:
    command = (sys.executable, "-m", "tests.far.cosmos", *CONTAINERS)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    try:
        told = json.loads(await process.stdout.readline())
        yield Double(told["url"], told["key"])
    finally:
        process.terminate()
        await process.wait()
