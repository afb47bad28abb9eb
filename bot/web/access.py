"""Who is looking, and whether they may: with a signed link at one deployment, or signed in."""

import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import web

from bot.web.links import LinkExpired, LinkRefused, check_link
from bot.web.refusals import (
    Way,
    bad_link,
    forged_form,
    no_deployment,
    no_form,
    no_link,
    no_sign_in,
    old_link,
    sign_in_needed,
)
from bot.web.sessions import Session
from bot.web.site import Site
from bot.web.visitor import SignedIn, Visitor
from orchestration.ports import DeploymentId, NotFound


def cookie_name(site: Site, what: str) -> str:
    """With the prefix that binds a cookie to exactly this host, where there is TLS.

    Source: RFC 6265bis, 4.1.3.2, the `__Host-` prefix.
    """
    return f"__Host-{what}" if site.config.secure else what


def cookie(site: Site, request: web.Request, what: str) -> str:
    """What the browser sends back; "" for what cannot be a cookie of ours."""
    value = request.cookies.get(cookie_name(site, what), "")
    return value if value.isascii() else ""


async def visiting(site: Site, request: web.Request) -> Visitor:
    """Whoever it is, with a way to sign in that leads back here."""
    if site.provider is None:
        return Visitor(None)
    address = f"/sign-in?{urlencode({'next': back_to(request)})}"
    return Visitor(await _signed_in(site, request), sign_in=address)


def back_to(request: web.Request) -> str:
    """The path, without a link's token: signed in, nobody needs it."""
    return str(request.rel_url.without_query_params("t", "clicked"))


async def _signed_in(site: Site, request: web.Request) -> SignedIn | None:
    secret = cookie(site, request, "signoff")
    session = await site.sessions.of(secret) if secret else None
    person = await site.around.directory.get(session.person) if session else None
    return SignedIn(person, session) if session and person else None


async def colleague(site: Site, request: web.Request) -> Visitor:
    """Raises: Refusal - they are not signed in."""
    if site.provider is None:
        raise no_sign_in()
    visitor = await visiting(site, request)
    if visitor.signed_in is None:
        raise sign_in_needed(Way("Sign in", visitor.sign_in))
    return visitor


async def reader(site: Site, request: web.Request) -> Visitor:
    """Whoever may read the deployment of the address.

    Raises: Refusal - neither signed in nor with a link that opens it; there is none.
    """
    visitor = await visiting(site, request)
    token = request.query.get("t", "")
    id = request.match_info["id"]
    if visitor.signed_in is None:
        _check(site, visitor, id, token)
        visitor = Visitor(None, token, visitor.sign_in)
    try:
        await site.record.version(DeploymentId(id))
    except NotFound as error:
        raise no_deployment(id) from error
    return visitor


def _check(site: Site, visitor: Visitor, id: str, token: str) -> None:
    config = site.config
    way = Way("Sign in", visitor.sign_in) if visitor.sign_in else None
    if not token:
        raise no_link(way)
    try:
        check_link(
            config.link_key,
            config.organisation,
            id,
            token,
            valid_s=config.link_valid_s,
            now=site.around.clock.now(),
        )
    except LinkExpired as error:
        raise old_link(way) from error
    except LinkRefused as error:
        raise bad_link(config.organisation, way) from error


async def sent_form(request: web.Request) -> Mapping[str, str]:
    """The fields of a form. Raises: Refusal - it is none."""
    try:
        return {name: str(value) for name, value in (await request.post()).items()}
    except (ValueError, LookupError, AssertionError) as error:  # all that its parsers raise
        raise no_form() from error


def check_form(site: Site, request: web.Request, session: Session, key: str) -> None:
    """Raises: Refusal - the form is not one of this session's, or was sent from elsewhere."""
    if not _same(key, session.form_key) or not _from_here(site, request):
        raise forged_form()


def _from_here(site: Site, request: web.Request) -> bool:
    """Whether the browser says that the form is on a page of ours; one that says nothing is old.

    Where it says from what site, that is what counts: the origin is `null` on pages that send no
    referrer. Source: Fetch Standard, "append a request `Origin` header"; Fetch Metadata.
    """
    said = request.headers.get("Sec-Fetch-Site")
    if said is not None:
        return said == "same-origin"
    ours = site.config.origin or f"{request.scheme}://{request.host}"
    return request.headers.get("Origin", ours) == ours


def _same(given: str, wanted: str) -> bool:
    return given.isascii() and hmac.compare_digest(given, wanted)
