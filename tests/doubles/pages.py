"""The pages of a house on a port of loopback, with the real service behind them."""

import html
import re
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from approvals.change import Operation
from bot.front import Surroundings
from bot.web.config import SignIn
from bot.web.pages import Pages, PagesConfig, page_url
from capabilities.registry import catalogue
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.addresses import Addresses
from orchestration.delivery import delivering
from orchestration.ports import (
    Applied,
    Import,
    OnLine,
    OnProgress,
    Planned,
    WorkspaceId,
)
from orchestration.speaker import Speaker
from orchestration.threads import Threads
from orchestration.turns import Turns
from orchestration.views import View
from tests.doubles.house import ORGANISATION, House
from tests.doubles.oidc_provider import CLIENT, SECRET, OidcProvider
from tests.doubles.surface import FakeSurface
from tests.doubles.talk import Talk
from tests.doubles.terraform import FakeTerraform

KEY = b"k" * 32


@dataclass
class Served:
    """Pages that run."""

    home: House
    config: PagesConfig
    surface: FakeSurface
    service: Threads
    inside: str
    """Where the process listens."""

    @property
    def url(self) -> str:
        return self.config.public_url

    def link(self, id: str) -> str:
        """What a card links to, made now."""
        return page_url(self.config, id, at=self.home.clock.now())


class TalkativeTerraform(FakeTerraform):
    """Says what it does, as the real one does."""

    async def plan(
        self,
        workspace: WorkspaceId,
        files: Mapping[str, str],
        *,
        operation: Operation,
        imports: Sequence[Import] = (),
        on_line: OnLine | None = None,
    ) -> Planned:
        planned = await super().plan(
            workspace, files, operation=operation, imports=imports, on_line=on_line
        )
        for change in planned.resources if on_line else ():
            on_line(f"{change.address}: Plan to {change.action}")
        return planned

    async def apply(
        self,
        workspace: WorkspaceId,
        files: Mapping[str, str],
        plan: Planned | bytes,
        *,
        lock: str,
        on_progress: OnProgress | None = None,
        on_line: OnLine | None = None,
    ) -> Applied:
        during = self.during

        async def told(workspace: str, address: str) -> None:
            if on_line:
                on_line(f"{address}: Creating...")
            await during(workspace, address)
            if on_line:
                on_line(f"{address}: Creation complete")

        self.during = told
        try:
            return await super().apply(
                workspace, files, plan, lock=lock, on_progress=on_progress, on_line=on_line
            )
        finally:
            self.during = during


@asynccontextmanager
async def served(
    home: House,
    *,
    sign_in: SignIn = "none",
    provider: OidcProvider | None = None,
    secure: bool = False,
    port: int = 0,
) -> AsyncIterator[Served]:
    """`secure`: browsers come over TLS, which ends before the process."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        config = PagesConfig(
            organisation=ORGANISATION,
            public_url=url.replace("http://", "https://") if secure else url,
            link_key=KEY,
            link_valid_s=3600.0,
            sign_in=sign_in,
            issuer=_issuer(sign_in, provider),
            client_id=CLIENT,
            client_secret=SECRET,
        )
        surface = FakeSurface()
        async with aiohttp.ClientSession() as http, _service(home, surface) as service:
            around = Surroundings(
                home.store, home.people, Addresses(home.store), home.clock, http, lambda _: ""
            )
            app = web.Application()
            Pages(config, around, home.artifacts).mount(app, service)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            try:
                await web.SockSite(runner, bound).start()
                yield Served(home, config, surface, service, url)
            finally:
                await runner.cleanup()


def _issuer(sign_in: SignIn, provider: OidcProvider | None) -> str:
    if provider is None:
        return ""
    return provider.address if sign_in == "github" else provider.issuer


@asynccontextmanager
async def _service(home: House, surface: FakeSurface) -> AsyncIterator[Threads]:
    talk, deployments = Talk(home), home.deployments()
    view = View(talk.heads, deployments, catalogue(), SnapshotPrices.load(), home.people)
    speaker = Speaker(home.store, surface, view.card, home.clock, "house")
    async with delivering(speaker, home.store) as delivery:
        threads = Threads(
            talk.inbox,
            talk.heads,
            talk.conversation,
            deployments,
            home.people,
            home.engine,
            home.clock,
            delivery,
            view,
            Turns(few=8, many=8),
        )
        try:
            yield threads
        finally:
            await threads.stop()


@dataclass
class Reader:
    """A browser without a screen: keeps cookies, follows redirects unless told not to."""

    pages: Served
    http: aiohttp.ClientSession

    async def get(self, address: str, **options: Any) -> tuple[int, str]:
        async with self.http.get(self._full(address), **options) as answer:
            return answer.status, await answer.text()

    async def post(self, address: str, **form: str) -> tuple[int, str]:
        async with self.http.post(self._full(address), data=form) as answer:
            return answer.status, await answer.text()

    async def headers(self, address: str, method: str = "GET") -> tuple[int, Mapping[str, str]]:
        async with self.http.request(method, self._full(address), allow_redirects=False) as answer:
            return answer.status, answer.headers

    async def form(self, page: str, verb: str) -> dict[str, str]:
        """The hidden fields of the button with that verb on a page."""
        _, text = await self.get(page)
        for form in re.findall(r"<form.*?</form>", text, re.S):
            fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
            if fields.get("verb") == verb:
                return {name: html.unescape(value) for name, value in fields.items()}
        raise AssertionError(f"there is no button {verb!r} on {page}")

    def _full(self, address: str) -> str:
        return address if address.startswith("http") else f"{self.pages.url}{address}"


@asynccontextmanager
async def reader(pages: Served) -> AsyncIterator[Reader]:
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address in numbers
    accept = {"Accept": "text/html"}
    async with aiohttp.ClientSession(cookie_jar=jar, headers=accept) as http:
        yield Reader(pages, http)
