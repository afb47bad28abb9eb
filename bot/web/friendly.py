"""Words for people at addresses that are no pages; machines get what they always got."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.web.headers import secured
from bot.web.refusals import Refusal, no_page
from bot.web.site import Site


def friendly(site: Site) -> Middleware:
    """Answers people alone, and only what no route wanted."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        unwanted = request.match_info.http_exception
        if unwanted is None or not _is_person(request):
            return await handler(request)
        refusal = no_page() if unwanted.status == 404 else _wrong_way(unwanted.status)
        response = site.refused(refusal)
        secured(response, tls=site.config.secure)
        if "Allow" in unwanted.headers:
            response.headers["Allow"] = unwanted.headers["Allow"]
        return response

    return answer


def _is_person(request: web.Request) -> bool:
    """A browser; or whoever has followed a link to a deployment, which some apps open first."""
    wants_page = "text/html" in request.headers.get("Accept", "")
    return wants_page or request.path == "/d" or request.path.startswith("/d/")


def _wrong_way(status: int) -> Refusal:
    text = "Open the page from its link rather than by sending something to it."
    return Refusal(status, "This page cannot be used like that", text)
