"""A bot in a Slack: the front on a real server, a real store, and a double of Slack's API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.front import Surroundings
from bot.slack.config import SlackConfig
from bot.slack.front import SlackFront
from orchestration.adapters.sqlite import open_store
from orchestration.addresses import Addresses
from orchestration.messages import Inbound
from orchestration.ports import Store
from tests.doubles.service import Answer, FakeDirectory, FakeService
from tests.doubles.slack_api import TEAM, TOKEN, SlackApi, listening, slack_api
from tests.doubles.slack_person import SECRET, Person

CONFIG = SlackConfig(
    bot_token=TOKEN,
    signing_secrets=(SECRET,),
    app_token="",
    client_id="",
    client_secret="",
    teams=frozenset(),
    results_channel="#general",
    api_url="",
    public_url="",
    sealing_key=b"k" * 32,
)
OAUTH = replace(
    CONFIG, bot_token="", client_id="1.2", client_secret="s", teams=frozenset({TEAM, "E0000001"})
)


class ShiftedClock:
    """The real time, and as much later as is wanted."""

    def __init__(self) -> None:
        self.later = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later


@dataclass
class World:
    slack: SlackApi
    service: FakeService
    front: SlackFront
    ana: Person
    store: Store
    clock: ShiftedClock
    url: str
    http: aiohttp.ClientSession

    def person(self, user: str) -> Person:
        return replace(self.ana, user=user)


async def silent(service: FakeService, event: Inbound) -> None: ...


@asynccontextmanager
async def world(
    folder: Path, config: SlackConfig = CONFIG, answer: Answer = silent
) -> AsyncIterator[World]:
    clock = ShiftedClock()
    async with (
        slack_api() as slack,
        open_store(folder / "store.db", clock) as store,
        aiohttp.ClientSession() as http,
    ):
        around = Surroundings(
            store,
            FakeDirectory(),
            Addresses(store),
            clock,
            http,
            lambda deployment: f"https://signoff.example/d/{deployment}",
        )
        front = SlackFront(replace(config, api_url=slack.url), around)
        service = FakeService(front.surface, answer)
        app = web.Application(client_max_size=1024 * 1024)
        front.mount(app, service)
        async with listening(app) as url:
            ana = Person(slack, http, url)
            yield World(slack, service, front, ana, store, clock, url, http)
