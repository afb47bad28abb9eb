"""The pages of one organisation."""

from datetime import UTC, datetime

import aiohttp
from aiohttp import web

from bot.front import Surroundings
from bot.web import analytics, clicks, live, overviews, run_page, signing_in
from bot.web.assets import PREFIX, Assets
from bot.web.config import PagesConfig
from bot.web.drawing import Drawing
from bot.web.friendly import friendly
from bot.web.github import GITHUB, GitHub
from bot.web.links import link_token
from bot.web.openid import GOOGLE, OpenId
from bot.web.overview import Overview
from bot.web.provider import Provider
from bot.web.sessions import Sessions
from bot.web.shelf import Shelf
from bot.web.sign_ins import SignIns
from bot.web.site import Handler, Site, route
from orchestration.errors import UserError
from orchestration.ports import ArtifactStore, Clock
from orchestration.record import Record
from orchestration.service import Service

__all__ = ["Pages", "PagesConfig", "page_url"]

_ID = r"{id:[A-Za-z0-9._~-]{1,100}}"
_RUN = r"{run:[A-Za-z0-9._~-]{1,100}/\d{3,6}/(?:plan|apply)}"
_READ: dict[str, Handler] = {
    "/": overviews.home,
    "/waiting": overviews.waiting,
    "/history": overviews.history,
    "/analytics": analytics.analytics,
    "/sign-in": signing_in.start,
    signing_in.CALLBACK: signing_in.back,
    f"/d/{_ID}": run_page.run_page,
    f"/d/{_ID}/log/{_RUN}": run_page.log_text,
}
_POSTED: dict[str, Handler] = {f"/d/{_ID}": clicks.click, "/sign-out": signing_in.end}


class Pages:
    def __init__(
        self, config: PagesConfig, surroundings: Surroundings, artifacts: ArtifactStore
    ) -> None:
        """Raises: UserError - signing in is wanted, and something it needs is not set."""
        self._config = config
        self._around = surroundings
        self._artifacts = artifacts
        self._provider = _provider(config, surroundings.http, surroundings.clock)

    def mount(self, app: web.Application, service: Service) -> None:
        """Add the pages, and friendly words for addresses that are none."""
        assets = Assets()
        site = self._site(service, Drawing(assets, self._config.organisation))
        for address, handler in _READ.items():
            app.router.add_get(address, route(site, handler))
        for address, handler in _POSTED.items():
            app.router.add_post(address, route(site, handler))
        app.router.add_get(f"/d/{_ID}/live", route(site, live.live), allow_head=False)
        app.router.add_get(f"{PREFIX}{{name}}", assets.serve)
        app.router.add_get("/favicon.ico", assets.icon)
        app.middlewares.append(friendly(site))
        app.on_shutdown.append(site.streams.close)

    def _site(self, service: Service, drawing: Drawing) -> Site:
        around, organisation = self._around, self._config.organisation
        record = Record(around.store, self._artifacts)
        return Site(
            config=self._config,
            around=around,
            service=service,
            record=record,
            shelf=Shelf(record, around.directory, drawing),
            drawing=drawing,
            sessions=Sessions(around.store, around.clock, organisation),
            sign_ins=SignIns(around.store, around.clock, organisation),
            provider=self._provider,
            overview=Overview(service, around.clock),
        )


def page_url(config: PagesConfig, deployment: str, *, at: datetime | None = None) -> str:
    """The address of a deployment's page, signed; "" without a public address."""
    if not config.public_url:
        return ""
    made = at or datetime.now(UTC)
    token = link_token(config.link_key, config.organisation, deployment, made)
    return f"{config.public_url.rstrip('/')}/d/{deployment}?t={token}"


def _provider(config: PagesConfig, http: aiohttp.ClientSession, clock: Clock) -> Provider | None:
    if config.sign_in == "none":
        return None
    needed = {
        "public_url": config.public_url,
        "sign_in_client_id": config.client_id,
        "sign_in_client_secret": config.client_secret,
    }
    if config.sign_in == "entra":
        needed["sign_in_issuer"] = config.issuer
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise UserError(f"sign_in = {config.sign_in!r} needs {', '.join(missing)} to be set too.")
    if config.sign_in == "github":
        server = config.issuer or GITHUB
        return GitHub(server, config.client_id, config.client_secret, http)
    issuer = config.issuer or GOOGLE
    return OpenId(config.sign_in, issuer, config.client_id, config.client_secret, http, clock)
