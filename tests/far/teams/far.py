"""Teams on loopback: the connector, the login, the issuer of its tokens, and the people."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from tests.doubles.teams_issuer import ISSUER, TeamsIssuer
from tests.far.faults import Faults, striking
from tests.far.pace import Window
from tests.far.people import TENANT, humans
from tests.far.site import HOST, Site
from tests.far.teams.connector import LIMITS, ROOT, Connector
from tests.far.teams.login import Login
from tests.far.teams.person import PATIENCE_S, Person
from tests.far.teams.rooms import Member, Rooms

APP = "11111111-2222-3333-4444-555555555555"
PASSWORD = "far-side-password"
BOT_NAME = "Signoff"


class TeamsFarSide:
    """Everything of Teams that a bot meets. `bot_url` is where it is delivered to."""

    surface = "teams"

    def __init__(self, http: aiohttp.ClientSession, connector: Connector, issuer: TeamsIssuer):
        self.http = http
        self.connector = connector
        self.rooms = connector.rooms
        self.login = connector.login
        self.issuer = issuer
        self.faults = Faults()
        self.bot_url = ""
        self.bot_name = BOT_NAME
        self.tenant = TENANT
        self.team = "19:team@thread.tacv2"
        self.patience_s = PATIENCE_S
        self.again_s: Sequence[float] = ()
        """The pauses after which people send a message again that the bot did not take."""
        self.site: Site
        self.entrance: Site
        """The login and the issuer: they stay when the connector is down."""
        members = [Member(f"29:{h.id}", h.name, h.object_id, h.email) for h in humans()]
        self.people: Mapping[str, Person] = {m.name: Person(self, m) for m in members}
        self.results = self.rooms.open("channel", *members)

    @property
    def service_url(self) -> str:
        return f"{self.site.url}{ROOT}/"

    def everybody(self) -> tuple[Member, ...]:
        return tuple(person.member for person in self.people.values())

    def newcomer(self, name: str, object_id: str) -> Person:
        """Somebody of the tenant whom the bot's directory does not have."""
        return Person(self, Member(f"29:{name}", name, object_id))

    def settings(self) -> dict[str, object]:
        """What the bot has to be told to live here; by the names of `bot.settings`."""
        return {
            "teams_app_id": APP,
            "teams_app_type": "single_tenant",
            "teams_tenant_id": TENANT,
            "teams_app_password": PASSWORD,
            "teams_service_hosts": HOST,
            "teams_service_url": self.service_url,
            "teams_results_channel": self.results.id,
            "teams_openid_url": self.issuer.openid_url,
            "teams_issuer": ISSUER,
            "teams_login_url": self.entrance.url,
        }


@asynccontextmanager
async def teams_far_side(
    *,
    limits: tuple[Window, ...] = LIMITS,
    monotonic_s: Callable[[], float] = time.monotonic,
    strict: bool = True,
) -> AsyncIterator[TeamsFarSide]:
    """`strict`: what no client could draw is refused, which takes longer to find out than to do."""
    login = Login(TENANT, APP, PASSWORD)
    issuer = TeamsIssuer(APP)
    rooms = Rooms(f"28:{APP}")
    connector = Connector(rooms, login, monotonic_s=monotonic_s, limits=limits, strict=strict)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        far = TeamsFarSide(http, connector, issuer)
        entrance = web.Application()
        issuer.mount(entrance)
        login.mount(entrance)
        far.entrance = await Site(entrance).start()
        issuer.url = login.url = far.entrance.url
        app = web.Application(middlewares=[striking(far.faults)])
        connector.mount(app)
        far.site = await Site(app).start()
        try:
            yield far
        finally:
            await far.site.stop()
            await far.entrance.stop()
