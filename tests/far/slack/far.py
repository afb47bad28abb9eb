"""Slack on loopback: a workspace behind a strict proxy, and its people."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from tests.far.faults import Faults, striking
from tests.far.pace import Window
from tests.far.people import humans
from tests.far.site import Site
from tests.far.slack.delivery import Answer, Delivery
from tests.far.slack.emulator import BOT_NAME, BOT_TOKEN, TEAM, Emulator, emulator
from tests.far.slack.person import Person, envelope
from tests.far.slack.proxy import POSTS, TIERS, Proxy
from tests.far.slack.workspace import Workspace

SECRET = "far-side-signing-secret"
RESULTS = "deployments"


class SlackFarSide:
    """Everything of Slack that a bot meets; `delivery.bot_url` is where it is delivered to."""

    surface = "slack"

    def __init__(self, http: aiohttp.ClientSession, proxy: Proxy, kept: Emulator) -> None:
        self.http = http
        self.proxy = proxy
        self.emulator = kept
        self.workspace = proxy.workspace
        self.delivery = Delivery(http, SECRET)
        self.faults = Faults()
        self.site: Site
        self.team = TEAM
        self.bot_user = ""
        self.people: dict[str, Person] = {}
        self.channels: dict[str, str] = {}
        self.echoes = True
        """Whether the bot is told of its own messages, as Slack tells it."""
        self._telling: set[asyncio.Task[Answer]] = set()

    async def meet(self) -> None:
        """Learn who and what there is."""
        users = (await self.emulator.call("users.list", limit=1000))["members"]
        ids = {user["name"]: user["id"] for user in users}
        self.bot_user = ids[BOT_NAME]
        self.people = {h.name: Person(self, h.name, ids[h.name]) for h in humans()}
        listed = (await self.emulator.call("conversations.list", limit=1000))["channels"]
        self.channels = {channel["name"]: channel["id"] for channel in listed}
        self.proxy.posted = self._tell

    @property
    def results(self) -> str:
        return self.channels[RESULTS]

    def person(self, id: str) -> Person:
        return next(person for person in self.people.values() if person.id == id)

    async def channel(self, name: str) -> str:
        """A new channel with everybody in it; its id."""
        made = await self.emulator.call("conversations.create", name=name)
        users = ",".join(person.id for person in self.people.values())
        await self.emulator.call("conversations.invite", channel=made["channel"]["id"], users=users)
        return str(made["channel"]["id"])

    async def thread(self, channel: str, ts: str) -> list[Mapping[str, Any]]:
        """Its messages as they are now, the oldest first."""
        found = await self.emulator.call("conversations.replies", channel=channel, ts=ts)
        return list(found["messages"])

    def response_url(self, user: str, channel: str, ts: str = "", thread_ts: str = "") -> str:
        return self.site.url + self.workspace.response_path(user, channel, ts, thread_ts)

    def settings(self) -> dict[str, object]:
        """What the bot has to be told to live here; by the names of `bot.settings`."""
        return {
            "slack_bot_token": BOT_TOKEN,
            "slack_signing_secret": SECRET,
            "slack_results_channel": self.results,
            "slack_api_url": f"{self.site.url}/api/",
        }

    async def quiet(self) -> None:
        """Until the bot was told of everything it has posted."""
        while self._telling:
            await asyncio.gather(*self._telling)

    def _tell(self, event: Mapping[str, Any]) -> None:
        if not self.echoes or not self.delivery.bot_url:
            return
        kind = "im" if str(event["channel"]).startswith("D") else "channel"
        said = {**event, "channel_type": kind, "event_ts": event["ts"]}
        task = asyncio.create_task(self.delivery.event(envelope(self, said)))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)


@asynccontextmanager
async def slack_far_side(
    *,
    posts: tuple[Window, ...] = POSTS,
    tiers: Mapping[str, tuple[Window, ...]] = TIERS,
    monotonic_s: Callable[[], float] = time.monotonic,
    strict: bool = True,
    redirect_uri: str = "http://127.0.0.1/slack/oauth_redirect",
) -> AsyncIterator[SlackFarSide]:
    """`strict`: what no client could draw is refused, which takes longer to find out than to do."""
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
        emulator(http, redirect_uri) as kept,
    ):
        workspace = Workspace()
        proxy = Proxy(
            kept, workspace, http, posts=posts, tiers=tiers, monotonic_s=monotonic_s, strict=strict
        )
        far = SlackFarSide(http, proxy, kept)
        app = web.Application(middlewares=[striking(far.faults)], client_max_size=4 * 1024**2)
        proxy.mount(app)
        far.site = await Site(app).start()
        await far.meet()
        try:
            yield far
        finally:
            far.echoes = False
            await far.quiet()
            await far.site.stop()
