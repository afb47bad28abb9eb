"""A Teams front with a service behind it, and a connector that takes what it says and fails on
request. The far side that behaves like Teams is another; this one is for looking closely."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.front import Surroundings
from bot.teams.config import TeamsConfig
from bot.teams.front import TeamsFront
from orchestration.adapters.directory_file import open_directory
from orchestration.adapters.sqlite import open_store
from orchestration.addresses import Addresses
from orchestration.messages import Inbound
from orchestration.ports import Store
from tests.clock import FakeClock
from tests.doubles.service import FakeService
from tests.doubles.teams_issuer import ISSUER, TeamsIssuer

APP = "11111111-2222-3333-4444-555555555555"
TENANT = "99999999-0000-0000-0000-000000000000"
RESULTS = "19:results@thread.tacv2"
PEOPLE = {"ana": 1, "ben": 2, "lena": 3, "mia": 4, "omar": 5}
_DIRECTORY = Path(__file__).parents[2] / "bot" / "sandbox-directory.toml"


@dataclass
class Call:
    method: str
    path: str
    body: dict[str, Any]
    token: str


@dataclass
class TinyConnector:
    """Answers 201 with a new id, or what is next in `failing`; None there cuts the connection."""

    calls: list[Call] = field(default_factory=list)
    failing: list[web.Response | None] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    signed_in: int = 0
    refusing_sign_in: int = 0

    def mount(self, app: web.Application) -> None:
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        app.router.add_route("*", "/v3/{path:.*}", self._take)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [call.body for call in self.calls if call.body.get("type") == "message"]

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.messages if "text" in message]

    async def _token(self, request: web.Request) -> web.Response:
        self.signed_in += 1
        if self.refusing_sign_in:
            return web.json_response({"error": "invalid_client"}, status=self.refusing_sign_in)
        form = await request.post()
        assert form["client_secret"] == "secret"
        assert form["scope"] == f"{ISSUER}/.default"
        token = f"token-{self.signed_in}"
        return web.json_response({"access_token": token, "expires_in": 3600})

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.json()
        token = request.headers.get("Authorization", "")
        self.calls.append(Call(request.method, request.raw_path, body, token))
        self.called.set()
        if self.failing:
            answer = self.failing.pop(0)
            if answer is None:
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            return answer
        number = len(self.calls)
        return web.json_response({"id": f"a{number}", "activityId": f"a{number}"}, status=201)


@dataclass
class Room:
    url: str
    issuer: TeamsIssuer
    connector: TinyConnector
    service: FakeService
    front: TeamsFront
    around: Surroundings
    number: int = 0

    @property
    def service_url(self) -> str:
        return self.issuer.url + "/"

    def activity(self, by: str = "ana", **more: Any) -> dict[str, Any]:
        """A message of a personal chat; what is named differs."""
        self.number += 1
        return {
            "type": "message",
            "id": str(self.number),
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": account(by),
            "recipient": {"id": "28:bot", "name": "Signoff"},
            "conversation": {"id": f"a:{by}", "conversationType": "personal", "tenantId": TENANT},
            "text": "hi",
            **more,
        }

    async def send(
        self, activity: Any, *, token: str | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, Any]:
        """The status and the body that the bot answers with, as the channel would see them."""
        signed = self.issuer.token(self.service_url) if token is None else token
        said = {"Authorization": f"Bearer {signed}"} if signed else {}
        post = self.around.http.post(self.url, json=activity, headers={**said, **headers})
        async with post as response:
            body = await response.json() if response.content_type == "application/json" else None
            return response.status, body

    async def settled(self) -> None:
        """Everything that the front does beside a request is done."""
        while self.front._saying:
            await asyncio.wait(self.front._saying)


def account(name: str) -> dict[str, Any]:
    oid = f"aaaaaaaa-0000-0000-0000-{PEOPLE.get(name, 99):012}"
    return {"id": f"29:{name}", "name": name, "aadObjectId": oid}


def _page(deployment: str) -> str:
    return f"https://signoff.example/{deployment}"


async def silent(service: FakeService, event: Inbound) -> None:
    """Answers nothing."""


@asynccontextmanager
async def teams_room(
    folder: Path,
    answer: Callable[[FakeService, Inbound], Awaitable[None]] = silent,
    **config: Any,
) -> AsyncIterator[Room]:
    clock, connector, issuer = FakeClock(), TinyConnector(), TeamsIssuer(APP)
    async with (
        open_store(folder / "store.db", clock) as store,
        aiohttp.ClientSession() as http,
        _served(issuer, connector) as far,
    ):
        issuer.url = far
        around = _around(store, clock, http)
        front = TeamsFront(replace(_config(far, issuer.openid_url), **config), around)
        service = FakeService(front.surface, answer)
        app = web.Application()
        front.mount(app, service)
        async with running(app) as url:
            room = Room(f"{url}/api/messages", issuer, connector, service, front, around)
            yield room
            await room.settled()


def _config(far: str, openid_url: str) -> TeamsConfig:
    return TeamsConfig(
        app_id=APP,
        app_type="single_tenant",
        tenant_id=TENANT,
        app_password="secret",
        local=False,
        service_hosts=frozenset({"127.0.0.1"}),
        service_url=f"{far}/",
        results_channel=RESULTS,
        openid_url=openid_url,
        issuer=ISSUER,
        login_url=far,
        file_hosts=frozenset({"127.0.0.1"}),
    )


def _around(store: Store, clock: FakeClock, http: aiohttp.ClientSession) -> Surroundings:
    people = open_directory(_DIRECTORY)
    return Surroundings(store, people, Addresses(store), clock, http, _page)


@asynccontextmanager
async def _served(issuer: TeamsIssuer, connector: TinyConnector) -> AsyncIterator[str]:
    app = web.Application()
    issuer.mount(app)
    connector.mount(app)
    async with running(app) as url:
        yield url


@asynccontextmanager
async def running(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
