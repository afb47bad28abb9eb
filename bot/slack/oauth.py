"""Installing the app into a workspace or an organisation, by OAuth."""

import logging
from collections.abc import Sequence
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth import installation_store
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.config import SlackConfig
from bot.slack.installations import CONTAINER, Installation, Installations
from bot.slack.registration import INSTALL_PATH, REDIRECT_PATH, SCOPES
from bot.slack.tokens import Tokens
from bot.slack.web_api import sdk_log
from orchestration.document_ids import document_id
from orchestration.errors import SignoffError
from orchestration.ports import Create, Delete, NotFound, Store

STATE_S = 600
_log = logging.getLogger(__name__)


class States(AsyncOAuthStateStore):
    """A state counts once, for ten minutes, in any process."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def logger(self) -> logging.Logger:
        return sdk_log()

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        state = token_urlsafe(24)
        write = Create("state", {}, ttl_s=STATE_S)
        await self._store.batch(CONTAINER, _partition(state), [write], operation=uuid4().hex)
        return state

    async def async_consume(self, state: str) -> bool:
        write = Delete("state")
        try:
            await self._store.batch(CONTAINER, _partition(state), [write], operation=uuid4().hex)
        except NotFound:
            return False
        return True


class _Saving(AsyncInstallationStore):
    """Where bolt's flow leaves what it was given."""

    def __init__(self, installations: Installations, tokens: Tokens) -> None:
        self._installations = installations
        self._tokens = tokens

    @property
    def logger(self) -> logging.Logger:
        return sdk_log()

    async def async_save(self, installation: installation_store.Installation) -> None:
        own = _own(installation)
        await self._installations.save(own)
        self._tokens.forget(own.owner)
        _log.info("slack_installed", extra={"fields": {"owner": own.owner}})


class InstallPages:
    """`GET /slack/install` and where Slack sends the browser back to."""

    def __init__(
        self,
        config: SlackConfig,
        store: Store,
        installations: Installations,
        tokens: Tokens,
        client: AsyncWebClient,
    ) -> None:
        settings = AsyncOAuthSettings(
            client_id=config.client_id,
            client_secret=config.client_secret,
            scopes=SCOPES,
            redirect_uri=f"{config.public_url}{REDIRECT_PATH}" if config.public_url else None,
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            installation_store=_Saving(installations, tokens),
            state_store=States(store),
            authorization_url=f"{config.api_url.removesuffix('api/')}oauth/v2/authorize",
            logger=sdk_log(),
        )
        self._flow = AsyncOAuthFlow(client=client, logger=sdk_log(), settings=settings)

    def mount(self, app: web.Application) -> None:
        app.router.add_get(INSTALL_PATH, self._install)
        app.router.add_get(REDIRECT_PATH, self._redirected)

    async def _install(self, request: web.Request) -> web.StreamResponse:
        try:
            return await _page(await self._flow.handle_installation(_bolt_request(request)))
        except SignoffError:
            return _unavailable()

    async def _redirected(self, request: web.Request) -> web.StreamResponse:
        try:
            return await _page(await self._flow.handle_callback(_bolt_request(request)))
        except Exception:
            _log.warning("slack_installation_failed", exc_info=True)
            return _unavailable()


def _own(given: installation_store.Installation) -> Installation:
    return Installation(
        team="" if given.is_enterprise_install else given.team_id or "",
        enterprise=given.enterprise_id or "",
        token=given.bot_token or "",
        bot_user=given.bot_user_id or "",
        bot_id=given.bot_id or "",
        refresh_token=given.bot_refresh_token or "",
        expires_at=float(given.bot_token_expires_at or 0),
    )


def _bolt_request(request: web.Request) -> AsyncBoltRequest:
    cookie = request.headers.get("Cookie")
    headers: dict[str, str | Sequence[str]] = {"cookie": cookie} if cookie else {}
    return AsyncBoltRequest(body="", query=request.query_string, headers=headers)


async def _page(response: BoltResponse) -> web.Response:
    page: web.Response = await to_aiohttp_response(response)
    page.headers["Cache-Control"] = "no-store"
    page.headers["X-Content-Type-Options"] = "nosniff"
    page.headers["X-Frame-Options"] = "DENY"
    return page


def _unavailable() -> web.Response:
    return web.Response(status=503, text="The app could not be installed now; please try again.")


def _partition(state: str) -> str:
    return document_id(f"state|{state}")
