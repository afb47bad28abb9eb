"""`signoff serve`: Teams, Slack and the pages from one aiohttp process."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import aiohttp
from aiohttp import web

from bot.front import Front, Surroundings
from bot.fronts import Fronts
from bot.parts import opened
from bot.processes.draining import Draining
from bot.processes.tree import process_tree
from bot.server_configs import pages_config, slack_config, teams_config
from bot.settings import Settings
from bot.slack.front import slack_front
from bot.teams.front import teams_front
from bot.web.pages import Pages, page_url
from bot.wiring import connected, engine, warm
from orchestration.addresses import Addresses
from orchestration.errors import UserError
from orchestration.service import Service

LARGEST_BODY = 1024 * 1024
"""Bytes of a request; the vendors' own are far smaller."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running server, and the inside for those who look (the tests)."""

    url: str
    service: Service


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Served]:
    """Signoff on its configured surfaces, with the engine and the worker beside it.

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
        inside = connected(settings, parts, runs, Fronts(fronts))
        async with warm(runs), inside as service:
            app = _application(fronts, Pages(pages, around, parts.artifacts), service)
            async with _listening(app, settings) as url:
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


def _application(fronts: list[Front], pages: Pages, service: Service) -> web.Application:
    app = web.Application(client_max_size=LARGEST_BODY)
    for front in fronts:
        front.mount(app, service)
    pages.mount(app, service)
    app.router.add_get("/health", _health)
    return app


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@asynccontextmanager
async def _listening(app: web.Application, settings: Settings) -> AsyncIterator[str]:
    """The address it listens on, with the port that was free when 0 was asked for.

    Raises: UserError - that address cannot be had.
    """
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, settings.host, settings.port).start()
        except OSError as error:
            number = error.errno or 0
            why = os.strerror(number).lower() if number > 0 else str(error)
            at = f"{settings.host}:{settings.port}"
            raise UserError(f"Listening at {at}: {why}. Set host or port to another.") from error
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def serve(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C. A second one does not wait for what goes on."""
    draining, this = Draining(), asyncio.current_task()
    assert this is not None
    with draining.heeding_signals(), draining.hurrying(this.cancel):
        async with serving(settings) as served:
            sys.stdout.write(f"Signoff listens on {served.url}; Ctrl-C stops it.\n")
            sys.stdout.flush()
            await draining.begun.wait()
            await asyncio.sleep(settings.leave_s)  # until everybody has seen that it is not ready
    return 0
