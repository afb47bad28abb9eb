"""Everything that runs in production, on loopback: two web replicas behind a balancer, three
workers, Temporal, Cosmos DB's double and Azurite, each a process that can be killed alone."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from azure.storage.blob.aio import ContainerClient

from bot.processes.free_ports import free_ports
from bot.processes.supervised import Backoff, Child, Supervised
from bot.processes.temporal_server import temporal_server
from bot.settings import Settings
from orchestration.adapters.key_file import made_if_missing
from tests.doubles.azurite import ACCOUNT, Azurite, azurite
from tests.far.cosmos.account import KEY
from tests.far.slack.far import SlackFarSide
from tests.far.teams.far import TeamsFarSide
from tests.faults.chaos.balancer import Balancer, balancer

ROOT = Path(__file__).parents[3]
CONTAINERS = (
    *("deployments", "greetings", "index", "news", "people"),
    *("sign_ins", "slack", "threads", "workspaces"),
)
WEBS, WORKERS, JOBS = 2, 3, 4
_DATABASE, _BLOBS = "signoff", "artifacts"
_RESTARTED = Backoff(first_s=2.0, longest_s=4.0)
"""As an orchestrator of containers does it."""
_READY_S = 90.0


@dataclass(slots=True)
class Estate:
    folder: Path
    settings: Settings
    """Those of the processes, for who looks afterwards."""
    cosmos: str
    balancer: Balancer
    webs: list[Supervised] = field(default_factory=list)
    workers: list[Supervised] = field(default_factory=list)
    temporal: Supervised | None = None
    ahead_s: float = 0.0

    async def tell_store(self, what: str, **about: object) -> None:
        """`tests.far.cosmos.control` has what it can be told."""
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.cosmos}_control/{what}", json=about) as answer,
        ):
            assert answer.status == 200, await answer.text()

    async def clear_store(self) -> None:
        """What it was told to do wrong and has not done yet, it does not do any more."""
        async with (
            aiohttp.ClientSession() as http,
            http.delete(f"{self.cosmos}_control/faults") as answer,
        ):
            assert answer.status == 200, await answer.text()

    async def store_says(self) -> Mapping[str, Any]:
        async with aiohttp.ClientSession() as http, http.get(f"{self.cosmos}_control/") as answer:
            told: Mapping[str, Any] = await answer.json()
            return told

    async def move_clock(self, seconds: float) -> None:
        """Of all our processes and of the store."""
        self.ahead_s += seconds
        _write_clock(self.folder, self.ahead_s)
        await self.tell_store("clock", seconds=seconds)


@asynccontextmanager
async def estate(
    folder: Path, teams: TeamsFarSide, slack: SlackFarSide, *, speed: float
) -> AsyncIterator[Estate]:
    """Running, and known to the far sides; ended part by part, each by its process id."""
    store = folder / "store"
    store.mkdir(parents=True)
    _write_clock(folder, 0)
    ports = free_ports(1 + WEBS)
    urls = [f"http://127.0.0.1:{port}" for port in ports[1:]]
    async with AsyncExitStack() as stack:
        blobs = stack.enter_context(azurite("--silent"))
        await _make_container(blobs)
        cosmos = f"http://127.0.0.1:{ports[0]}/"
        double = _cosmos(folder, ports[0])
        await stack.enter_async_context(Supervised(double))
        temporal = await stack.enter_async_context(temporal_server(store))
        there, url = await stack.enter_async_context(balancer(urls))
        settings = Settings(
            **_kept(store, cosmos, blobs),
            **_run(temporal.address, url, speed),
            **teams.settings(),
            **slack.settings(),
        )
        made = Estate(folder, settings, cosmos, there, temporal=temporal.process)
        started = [
            *(_web(n, folder, settings, urls[n], port) for n, port in enumerate(ports[1:])),
            *(_worker(n, folder, settings) for n in range(WORKERS)),
        ]
        running = [Supervised(child, _RESTARTED) for child in started]
        for one in running:
            await stack.enter_async_context(one)
        made.webs, made.workers = running[:WEBS], running[WEBS:]
        teams.bot_url = slack.delivery.bot_url = url
        yield made


def _write_clock(folder: Path, ahead_s: float) -> None:
    """At once: a process that reads it meanwhile reads what was there before."""
    new = folder / "clock.new"
    new.write_text(str(ahead_s))
    new.replace(folder / "clock")


async def _make_container(blobs: Azurite) -> None:
    shown = {"account_name": ACCOUNT, "account_key": blobs.key}
    async with ContainerClient(blobs.url, _BLOBS, credential=shown) as client:
        await client.create_container()


def _kept(store: Path, cosmos: str, blobs: Azurite) -> dict[str, Any]:
    key = store / "master.key"
    made_if_missing(key)
    return {
        "store": store,
        "cosmos_url": cosmos,
        "cosmos_database": _DATABASE,
        "cosmos_key": KEY,
        "artifacts": "blob",
        "artifact_key_file": key,
        "blob_url": blobs.url,
        "blob_container": _BLOBS,
        "blob_account_key": blobs.key,
    }


def _run(engine: str, url: str, speed: float) -> dict[str, Any]:
    return {
        "engine": "address",
        "engine_address": engine,
        "public_url": url,
        "link_key": "k" * 40,
        "prices_live": False,
        "sandbox_speed": speed,
        "max_jobs_per_worker": 2,
        "max_jobs": JOBS,
        "log_to": "stdout",
    }


def _cosmos(folder: Path, port: int) -> Child:
    return Child(
        "cosmos",
        (sys.executable, "-m", "tests.far.cosmos", "--port", str(port), *CONTAINERS),
        folder / "cosmos.log",
        {"PYTHONPATH": str(ROOT)},
        partial(_answers, f"http://127.0.0.1:{port}/_control/"),
    )


def _web(number: int, folder: Path, settings: Settings, url: str, port: int) -> Child:
    return Child(
        f"web-{number}",
        _command(folder, "serve"),
        folder / f"web-{number}.log",
        {**_told(settings), "SIGNOFF_PORT": str(port)},
        partial(_answers, f"{url}/health"),
        _READY_S,
        stop_within_s=30.0,
    )


def _worker(number: int, folder: Path, settings: Settings) -> Child:
    return Child(
        f"worker-{number}",
        _command(folder, "work"),
        folder / f"worker-{number}.log",
        _told(settings),
        stop_within_s=30.0,
    )


def _command(folder: Path, what: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.faults.chaos.process", str(folder / "clock"), what)


def _told(settings: Settings) -> dict[str, str]:
    """The settings that are not as shipped, as the environment has them."""
    shipped = Settings()
    names = settings.__dataclass_fields__
    told = {n: v for n in names if (v := getattr(settings, n)) != getattr(shipped, n)}
    return {
        "PYTHONPATH": str(ROOT),
        **{f"SIGNOFF_{name.upper()}": str(value) for name, value in told.items()},
    }


async def _answers(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        while True:
            with suppress(aiohttp.ClientError):
                async with http.get(url) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.1)
