"""The composition root: what is connected to what. Everything is built once and closed in order."""

import asyncio
import gc
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from bot import VERSION
from bot.clouds import Cloud, opened_cloud
from bot.exporting import exporting
from bot.operations import operations
from bot.parts import Parts, directory, opened
from bot.processes.draining import Draining
from bot.processes.tree import process_tree
from bot.readiness import Readiness, needs_of
from bot.settings import Settings
from bot.stores import looking
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.conversation import Conversation
from orchestration.delivery import Delivery, OwnVoice, delivering
from orchestration.deployments import Deployments
from orchestration.engine.client import Credentials, TemporalEngine
from orchestration.errors import TemporaryError, UserError
from orchestration.heads import Heads
from orchestration.inbox import Inbox
from orchestration.jobs.workshop import Workshop
from orchestration.lasting import going_on
from orchestration.measured import MeasuredService, MeasuredSurface
from orchestration.news import THERE_EVERY_S, News, OthersVoice
from orchestration.permits import Permits
from orchestration.planner.build import LazyPlanner, planner
from orchestration.planner.settings import Limits, ModelSettings
from orchestration.planner.tariff import tariff
from orchestration.ports import Engine
from orchestration.provisioning import Provisioning
from orchestration.service import Service
from orchestration.speaker import Speaker
from orchestration.surface import Surface
from orchestration.threads import Threads
from orchestration.turns import Turns
from orchestration.views import View
from orchestration.workspaces import Workspaces
from orchestration.writing import Writing

__all__ = [
    "connected",
    "directory",
    "engine",
    "warm",
    "wired",
    "work",
    "workshop",
]

_OPENAI = "https://api.openai.com/v1"
_COLLECTED_AFTER = (20_000, 20, 50)
"""Objects made, and collections of the younger generation, until the collector looks at one."""


@asynccontextmanager
async def wired(settings: Settings, surface: Surface) -> AsyncIterator[Service]:
    """Signoff with everything embedded, speaking on one surface."""
    async with opened(settings) as parts, process_tree(settings) as tree:
        runs = engine(settings, lambda: tree.engine_address)
        async with warm(runs), connected(settings, parts, runs, surface) as threads:
            yield threads


@asynccontextmanager
async def warm(runs: TemporalEngine) -> AsyncIterator[None]:
    """The engine's client is made ready beside everything else."""
    warming = asyncio.create_task(runs.warm())
    try:
        yield
    finally:
        warming.cancel()


@asynccontextmanager
async def connected(
    settings: Settings,
    parts: Parts,
    engine: Engine,
    surface: Surface,
    *,
    ends_within_s: float = 0.0,
) -> AsyncIterator[Service]:
    """The conversation over what is given, without the processes that run beside it; in the end,
    what goes on has that long to be answered and spoken."""
    store, clock, catalogue = parts.store, parts.clock, parts.catalogue
    name, looks = _name(settings), looking(settings)
    voice = OwnVoice(name, clock)
    deployments = Deployments(store, clock, parts.directory, settings.organisation, voice)
    heads = Heads(store, clock, name)
    about = deployments, catalogue, parts.prices, parts.directory
    view = View(heads, *about)
    speaker = Speaker(store, MeasuredSurface(surface), view.card, clock, name)
    brain = planner(catalogue, clock, _models(settings), limits=await _limits(settings))
    workspaces = Workspaces(store, settings.organisation)
    provisioning = Provisioning(deployments, workspaces, catalogue, engine, clock)
    conversation = Conversation(Writing(heads, voice), brain, provisioning, *about)
    async with delivering(speaker, store) as delivery:
        voice.speaks_by(delivery)
        threads = Threads(
            Inbox(store, clock),
            heads,
            conversation,
            deployments,
            parts.directory,
            engine,
            clock,
            delivery,
            view,
            _turns(settings),
        )
        await threads.resume()
        beside = (
            _listen(delivery, News(store, name), looks.listen_s),
            _sweep(delivery, threads, looks.sweep_s),
            _warmed(brain),
        )
        try:
            async with _running(*beside):
                yield MeasuredService(threads)
            await threads.ended(ends_within_s)
        finally:
            await threads.stop()
            await brain.close()


@asynccontextmanager
async def _running(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """They run while inside."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def engine(settings: Settings, address: Callable[[], str]) -> TemporalEngine:
    credentials = Credentials(
        settings.engine_api_key,
        settings.engine_tls_cert_file,
        settings.engine_tls_key_file,
        settings.engine_tls_ca_file,
        settings.engine_tls_server_name,
    )
    return TemporalEngine(address, settings.engine_namespace, credentials)


def _models(settings: Settings) -> ModelSettings | None:
    """The models that answer before the embedded planner does, if any are configured."""
    match settings.planner_kind:
        case "azure_openai":
            return ModelSettings(
                endpoint=settings.azure_openai_endpoint,
                large=settings.azure_openai_deployment,
                small=settings.azure_openai_small_deployment,
                api_key=settings.azure_openai_api_key,
            )
        case "openai":
            return ModelSettings(
                endpoint=_OPENAI,
                large=settings.openai_model,
                small=settings.openai_small_model,
                api_version="",
                api_key=settings.openai_api_key,
            )
        case _:
            return None


async def _limits(settings: Settings) -> Limits:
    prices = {} if settings.planner_kind == "embedded" else await tariff(SnapshotPrices.load())
    return Limits(
        deadline_s=settings.turn_timeout_s,
        model_share_s=settings.turn_timeout_s * 0.75,
        tokens=settings.turn_budget_tokens,
        tariff=prices,
    )


async def _warmed(brain: LazyPlanner) -> None:
    """Load what answers. What is there by then stays, and the garbage collector, which would take
    a quarter of the time of a turn to look through it, passes it over."""
    await brain.warm()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)


def _turns(settings: Settings) -> Turns:
    """The embedded planner keeps the processor busy; a model is mostly waited for."""
    return Turns(few=2, many=8) if settings.planner_kind == "embedded" else Turns(few=64, many=64)


def _name(settings: Settings) -> str:
    """Of this process among those that speak. The only one goes on under its name when it is
    started again; one of many comes back as somebody else."""
    return "embedded" if settings.engine == "embedded" else f"{socket.gethostname()}-{uuid4().hex}"


async def _listen(delivery: Delivery, news: News, every_s: float) -> None:
    """Say that this process speaks, and hear what others have left for it to say."""
    try:
        while True:
            with going_on("listening"):
                await news.there()
            for _ in range(round(THERE_EVERY_S / every_s)):
                with going_on("listening"):
                    for place in await news.heard():
                        delivery.nudge(place)
                await asyncio.sleep(every_s)
    finally:
        with suppress(TemporaryError):
            await news.gone()


async def _sweep(delivery: Delivery, threads: Threads, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        with going_on("sweeping"):
            await delivery.resume()
            await threads.resume(idle_s=every_s)


async def work(settings: Settings) -> int:
    """Run jobs until SIGTERM or Ctrl-C; then end those that end in time, and hand the rest back.

    It says when it begins and when it has stopped.

    Raises: UserError - there is no engine to take them from.
    """
    if not settings.engine_address:
        raise UserError("set SIGNOFF_ENGINE_ADDRESS: a worker takes its jobs from an engine")
    draining = Draining()
    scraped = bool(settings.work_port)
    with (
        exporting("signoff-work", scraped=scraped, secrets=settings.secrets),
        draining.heeding_signals(),
    ):
        async with opened(settings) as parts:
            runs = engine(settings, lambda: settings.engine_address)
            needs = needs_of(parts, runs.check, works=True)
            readiness = Readiness(needs, leaving=draining.begun.is_set)
            async with operations(
                readiness, settings.operations_host, settings.work_port, settings.store
            ):
                await _work(settings, parts, runs, draining)
    _say("Signoff has stopped; what it had not ended is handed back.")
    return 0


async def _work(settings: Settings, parts: Parts, runs: TemporalEngine, draining: Draining) -> None:
    from orchestration.engine.worker import Build, Ending, Share
    from orchestration.engine.worker import work as run_worker

    build = Build(settings.build_id or VERSION, settings.worker_versioning)
    permits = Permits(
        parts.store,
        settings.organisation,
        parts.clock,
        limit=settings.max_jobs,
        holder=uuid4().hex,
    )
    share = Share(settings.max_jobs_per_worker, permits)
    end = Ending(draining.begun, draining.hurry, settings.drain_s)
    where = f"{settings.engine_address}, namespace {settings.engine_namespace!r}"
    waits = f"Signoff waits for the engine at {where}"
    goes_on = "it goes on by itself when it is there, and Ctrl-C stops it."
    client = await runs.awaited(
        draining.begun, away=lambda why: _say(f"{waits} ({why} failed); {goes_on}")
    )
    if client is None:
        return
    async with opened_cloud(settings) as cloud:
        shop = workshop(settings, parts, runs, cloud)
        _say(f"Signoff runs jobs of the engine at {where}; Ctrl-C stops it.")
        await run_worker(client, shop, build=build, share=share, end=end)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def workshop(settings: Settings, parts: Parts, engine: Engine, cloud: Cloud) -> Workshop:
    """What jobs work with."""
    from orchestration.adapters.rego import RegoPolicy, shipped_rules

    return Workshop(
        deployments=Deployments(
            parts.store,
            parts.clock,
            parts.directory,
            settings.organisation,
            OthersVoice(parts.store, parts.clock),
        ),
        workspaces=Workspaces(parts.store, settings.organisation),
        catalogue=parts.catalogue,
        policy=parts.policy,
        terraform=cloud.terraform,
        inventory=cloud.inventory,
        artifacts=parts.artifacts,
        prices=parts.prices,
        plan_policy=RegoPolicy(shipped_rules(), required_tags=parts.policy.required_tags),
        directory=parts.directory,
        engine=engine,
        clock=parts.clock,
        organisation=settings.organisation,
        subscription_id=settings.subscription_id,
        plan_max_age_s=settings.plan_max_age_s,
    )
