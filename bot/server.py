"""`signoff serve`: Teams, Slack and the pages from one aiohttp process."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import aiohttp
from aiohttp import web

from bot.exporting import exporting
from bot.front import Front, Surroundings
from bot.fronts import Fronts
from bot.operations import listening, mount_probes, operations
from bot.parts import opened
from bot.processes.draining import Draining
from bot.processes.tree import process_tree
from bot.readiness import Readiness, needs_of
from bot.server_configs import pages_config, slack_config, teams_config
from bot.settings import Settings
from bot.slack.front import slack_front
from bot.teams.front import teams_front
from bot.web.pages import Pages, page_url
from bot.wiring import connected, engine, warm
from orchestration import measures
from orchestration.addresses import Addresses
from orchestration.errors import UserError
from orchestration.measured import Arrival, arriving
from orchestration.service import Service

_METHODS = frozenset({"GET", "HEAD", "POST"})
Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

LARGEST_BODY = 1024 * 1024
"""Bytes of a request; the vendors' own are far smaller."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running server, and the inside for those who look (the tests)."""

    url: str
    service: Service


@asynccontextmanager
async def serving(
    settings: Settings, *, leaving: Callable[[], bool] = lambda: False
) -> AsyncIterator[Served]:
    """Signoff on its configured surfaces, with the engine and the worker beside it. It is not ready
    any more when it is `leaving`.

    Raises: UserError - neither Teams nor Slack is configured, or not completely.
    """
    async with (
        opened(settings) as parts,
        aiohttp.ClientSession() as http,
        process_tree(settings) as tree,
    ):
        pages = pages_config(settings)
        around = Surroundings(
            parts.store,
            parts.directory,
            Addresses(parts.store),
            parts.clock,
            http,
            partial(page_url, pages),
        )
        fronts = _fronts(settings, around)
        runs = engine(settings, lambda: tree.engine_address)
        inside = connected(
            settings, parts, runs, Fronts(fronts), ends_within_s=settings.turn_timeout_s
        )
        async with warm(runs), inside as service:
            readiness = Readiness(needs_of(parts, runs.check, works=False), leaving=leaving)
            app = _application(fronts, Pages(pages, around, parts.artifacts), service, readiness)
            async with (
                operations(
                    readiness, settings.operations_host, settings.operations_port, settings.store
                ),
                listening(app, settings.host, settings.port) as url,
            ):
                yield Served(url, service)


def _fronts(settings: Settings, around: Surroundings) -> list[Front]:
    fronts: list[Front] = []
    if settings.teams_app_id or settings.teams_local:
        fronts.append(teams_front(teams_config(settings), around))
    if settings.slack_bot_token or settings.slack_client_id:
        fronts.append(slack_front(slack_config(settings), around))
    if not fronts:
        raise UserError(
            "Neither Teams nor Slack is configured: set teams_app_id (docs/teams.md) "
            "or slack_bot_token (docs/slack.md)."
        )
    return fronts


def _application(
    fronts: list[Front], pages: Pages, service: Service, readiness: Readiness
) -> web.Application:
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_measured])
    for front in fronts:
        front.mount(app, service)
    pages.mount(app, service)
    mount_probes(app, readiness)
    return app


@web.middleware
async def _measured(request: web.Request, handler: Handler) -> web.StreamResponse:
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "none"
    since, status = time.monotonic(), 500
    try:
        with arriving(Arrival(request.method, route, time.time_ns())):
            answer = await handler(request)
        status = answer.status
        return answer
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        method = request.method if request.method in _METHODS else "other"
        measures.requested(method, route, status, time.monotonic() - since)


async def serve(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C. A second one does not wait for what goes on."""
    draining, this = Draining(), asyncio.current_task()
    assert this is not None
    scraped = bool(settings.operations_port)
    with (
        exporting("signoff-serve", scraped=scraped, secrets=settings.secrets),
        draining.heeding_signals(),
        draining.hurrying(this.cancel),
    ):
        async with serving(settings, leaving=draining.begun.is_set) as served:
            sys.stdout.write(f"Signoff listens on {served.url}; Ctrl-C stops it.\n")
            sys.stdout.flush()
            await draining.begun.wait()
            await asyncio.sleep(settings.leave_s)  # until everybody has seen that it is not ready
    return 0
