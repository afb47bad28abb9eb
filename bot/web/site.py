"""What every page works with, and how a handler becomes a route."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web

from bot.failures import told
from bot.front import Surroundings
from bot.web.config import PagesConfig
from bot.web.drawing import Drawing
from bot.web.headers import secured
from bot.web.overview import Overview
from bot.web.provider import Provider
from bot.web.refusals import Refusal
from bot.web.sessions import Sessions
from bot.web.shelf import Shelf
from bot.web.sign_ins import SignIns
from bot.web.streams import Streams
from orchestration.errors import TemporaryError, UserError
from orchestration.record import Record
from orchestration.service import Service


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of one organisation. `chance` gives a new token each time."""

    config: PagesConfig
    around: Surroundings
    service: Service
    record: Record
    drawing: Drawing
    sessions: Sessions
    sign_ins: SignIns
    provider: Provider | None
    overview: Overview
    shelf: Shelf
    streams: Streams = field(default_factory=Streams)
    chance: Callable[[], str] = secrets.token_urlsafe

    def page(self, template: str, *, status: int = 200, **context: Any) -> web.Response:
        text = self.drawing.draw(template, **context)
        return web.Response(text=text, status=status, content_type="text/html")

    def refused(self, refusal: Refusal) -> web.Response:
        return self.page("refusal", status=refusal.status, refusal=refusal, visitor=None)


Handler: TypeAlias = Callable[[Site, web.Request], Awaitable[web.StreamResponse]]
Route: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


def route(site: Site, handler: Handler) -> Route:
    """The handler with friendly words for what goes wrong, and the headers of every page."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            response = await handler(site, request)
        except Refusal as refusal:
            response = site.refused(refusal)
        except web.HTTPException as answered:
            secured(answered, tls=site.config.secure)
            raise
        except Exception as error:
            response = site.refused(_failure(error))
        if not response.prepared:
            secured(response, tls=site.config.secure)
        return response

    return answer


def _failure(error: Exception) -> Refusal:
    text = told(error, doing="showing the page", tried_again=False)
    match error:
        case UserError():
            return Refusal(400, "This does not work", text)
        case TemporaryError():
            return Refusal(503, "Not just now", text)
        case _:
            return Refusal(500, "Something went wrong", text)
