"""Buttons of the card, pressed on the page: by whoever is signed in, once per form."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from aiohttp import web

from approvals.gates import Verdict
from approvals.principals import PrincipalId
from bot.web.access import check_form, sent_form, visiting
from bot.web.refusals import Refusal, Way, no_deployment, no_form, sign_in_to_decide
from bot.web.sessions import Session
from bot.web.site import Site
from bot.web.visitor import Visitor
from orchestration.errors import UserError
from orchestration.messages import Clicked, EventId
from orchestration.ports import DeploymentId, NotFound

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,100}")
_DECIDING = frozenset(verdict.value for verdict in Verdict)
_VERBS = _DECIDING | {"cancel", "retry", "roll_back", "destroy"}
_INPUTS = ("step", "reason")
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Answered:
    """What is said of a click when the page comes back."""

    tone: Literal["good", "bad", "plain"]
    text: str


async def click(site: Site, request: web.Request) -> web.Response:
    """Take the click as the card's own button; then the page again, with what came of it."""
    visitor = await visiting(site, request)
    id = DeploymentId(request.match_info["id"])
    page = f"/d/{id}"
    if visitor.signed_in is None:
        raise sign_in_to_decide(Way("Sign in", f"/sign-in?next={page}"))
    form, session = await sent_form(request), visitor.signed_in.session
    check_form(site, request, session, form.get("form_key", ""))
    pressed = await _clicked(site, id, form, visitor.signed_in.person.id)
    try:
        await site.service.receive(pressed)
    except UserError as refused:
        raise Refusal(409, "Your click does not count", str(refused), Way("Back", page)) from None
    site.overview.forget()
    where = f"{page}?clicked={_marked(session, pressed.verb, form['nonce'])}#answer"
    return web.Response(status=303, headers={"Location": where})


async def _clicked(
    site: Site, id: DeploymentId, form: Mapping[str, str], by: PrincipalId
) -> Clicked:
    """Raises: Refusal - no such deployment, or not a form of ours."""
    verb, nonce = form.get("verb", ""), form.get("nonce", "")
    if verb not in _VERBS or not _NONCE.fullmatch(nonce):
        raise no_form()
    try:
        deployment = (await site.record.snapshot(id)).deployment
    except NotFound as error:
        raise no_deployment(id) from error
    data: dict[str, str] = {"deployment": id}
    if verb in _DECIDING:
        data |= {"step": "*", "shown": form.get("shown", "")[:_LONGEST]}
    inputs = {n: form[n].strip()[:_LONGEST] for n in _INPUTS if form.get(n, "").strip()}
    at = site.around.clock.now()
    return Clicked(_event(by, nonce), deployment.thread, by, verb, at, data, inputs)


async def answered(
    site: Site, id: DeploymentId, request: web.Request, visitor: Visitor
) -> Answered | None:
    """What came of the click that led here; None when none did."""
    clicked = request.query.get("clicked", "")
    verb, _, nonce = clicked.rpartition(":")[0].partition(":")
    if visitor.signed_in is None or visitor.person is None:
        return None
    if not hmac.compare_digest(
        _marked(visitor.signed_in.session, verb, nonce).encode(), clicked.encode()
    ):
        return None
    if verb not in _DECIDING:
        return Answered("plain", "It was passed on. What comes of it shows here and in the chat.")
    answer = await site.record.answer(id, _event(visitor.person.id, nonce))
    if answer is None:
        return None
    if answer.refusal:
        return Answered("bad", f"It does not count. {answer.refusal}")
    said = {"approve": "You signed off", "reject": "You rejected", "withdraw": "You took back"}
    return Answered("good", f"{said[verb]}: {', '.join(answer.counted)}. It is on record.")


def _marked(session: Session, verb: str, nonce: str) -> str:
    """`verb:nonce:mark`, which only we could write: what is said of a click was clicked."""
    what = f"{verb}:{nonce}"
    return f"{what}:{hmac.new(session.form_key.encode(), what.encode(), sha256).hexdigest()[:32]}"


def _event(person: PrincipalId, nonce: str) -> EventId:
    return EventId(f"web:{person}/{nonce}")
