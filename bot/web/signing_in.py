"""Signing in and out: to the provider, back with a code, and a session that a cookie stands for."""

from dataclasses import asdict
from typing import Literal
from urllib.parse import unquote, urlencode

from aiohttp import web
from itsdangerous import BadData, URLSafeSerializer

from bot.web.access import check_form, colleague, cookie, cookie_name, sent_form
from bot.web.provider import Attempt, ProviderRefused, SignInRefused
from bot.web.refusals import Refusal, Way, no_sign_in
from bot.web.sessions import VALID_S
from bot.web.site import Site
from bot.web.visitor import SignedIn
from orchestration.identity import EmailIdentity, EntraIdentity, Identity

CALLBACK = "/sign-in/callback"
HOME = "/waiting"
_ATTEMPT = "signoff-attempt"
_ATTEMPT_S = 600


async def start(site: Site, request: web.Request) -> web.Response:
    """Send the browser to the provider, with a cookie that knows this attempt again."""
    if site.provider is None:
        raise no_sign_in()
    chance = site.chance
    attempt = Attempt(
        state=chance(), nonce=chance(), verifier=chance() + chance(), next=_local(request)
    )
    where = await site.provider.address(attempt, _callback(site))
    response = web.Response(status=302, headers={"Location": where})
    until = site.around.clock.now().timestamp() + _ATTEMPT_S
    value = _sealer(site).dumps({"attempt": asdict(attempt), "until": until})
    _set(site, response, _ATTEMPT, str(value), _ATTEMPT_S)
    return response


async def back(site: Site, request: web.Request) -> web.Response:
    """The provider sent the browser back."""
    if site.provider is None:
        raise no_sign_in()
    attempt = _attempt(site, request)
    if "error" in request.query or "code" not in request.query:
        raise _again("The provider did not sign you in.", attempt.next)
    try:
        identity = await site.provider.identity(attempt, _callback(site), request.query["code"])
    except ProviderRefused as refused:
        raise _again(str(refused), attempt.next) from refused
    except SignInRefused as refused:
        await site.sign_ins.refused(site.provider.name, str(refused))
        raise _again(str(refused), attempt.next) from refused
    person = await site.around.directory.identified(identity)
    if person is None:
        await site.sign_ins.refused(site.provider.name, f"{_called(identity)} is not known")
        raise _stranger(site, identity)
    secret = site.chance()
    await site.sessions.start(person.id, secret)
    await site.sign_ins.signed_in(person.id, site.provider.name)
    response = web.Response(status=303, headers={"Location": attempt.next})
    _set(site, response, "signoff", secret, VALID_S)
    response.del_cookie(cookie_name(site, _ATTEMPT), path="/", secure=site.config.secure)
    return response


async def end(site: Site, request: web.Request) -> web.Response:
    """Sign out: the session ends for good, whoever has the cookie."""
    visitor = await colleague(site, request)
    signed_in = visitor.signed_in
    assert isinstance(signed_in, SignedIn)
    form = await sent_form(request)
    check_form(site, request, signed_in.session, form.get("form_key", ""))
    await site.sessions.end(signed_in.session)
    await site.sign_ins.signed_out(signed_in.person.id)
    response = site.page("signed_out", visitor=None)
    response.del_cookie(cookie_name(site, "signoff"), path="/", secure=site.config.secure)
    return response


def _callback(site: Site) -> str:
    return f"{site.config.public_url.rstrip('/')}{CALLBACK}"


def _attempt(site: Site, request: web.Request) -> Attempt:
    """Raises: Refusal - this browser did not begin it, or too long ago."""
    try:
        sealed = _sealer(site).loads(cookie(site, request, _ATTEMPT))
        attempt = Attempt(**sealed["attempt"])
    except (BadData, TypeError) as error:
        raise _again("It began in another browser, or took too long.", HOME) from error
    if sealed["until"] < site.around.clock.now().timestamp():
        raise _again("It took too long.", attempt.next)
    if request.query.get("state", "") != attempt.state:
        raise _again("It was begun once more in another tab.", attempt.next)
    return attempt


def _sealer(site: Site) -> URLSafeSerializer:
    return URLSafeSerializer(
        site.config.link_key,
        salt=f"signoff.attempt.{site.config.organisation}",
        signer_kwargs={"key_derivation": "hmac"},
    )


def _local(request: web.Request) -> str:
    """Where to go afterwards: a path of ours, whatever the link says."""
    wanted = request.query.get("next", HOME)
    decoded = unquote(wanted)
    safe = wanted.startswith("/") and not any(
        bad in text for text in (wanted, decoded) for bad in ("//", "\\", "\n", "\r", "\t")
    )
    return wanted if safe and len(wanted) < 500 else HOME


def _set(site: Site, response: web.Response, what: str, value: str, seconds: int) -> None:
    same_site: Literal["Lax"] = "Lax"
    response.set_cookie(
        cookie_name(site, what),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite=same_site,
        secure=site.config.secure,
    )


def _again(text: str, next: str) -> Refusal:
    way = Way("Sign in again", f"/sign-in?{urlencode({'next': next})}")
    return Refusal(403, "You are not signed in", text, way)


def _stranger(site: Site, identity: Identity) -> Refusal:
    text = (
        f"You signed in as {_called(identity)}, and nobody in the directory of "
        f"{site.config.organisation} has that account. Ask whoever runs Signoff to add it, "
        "or sign in with another account."
    )
    return Refusal(403, "I don't know you", text, Way("Sign in again", "/sign-in"))


def _called(identity: Identity) -> str:
    match identity:
        case EmailIdentity(address=address):
            return address
        case EntraIdentity(object_id=person):
            return f"the Entra user {person}"
