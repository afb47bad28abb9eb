"""`signoff audit`: the record of deployments, and that of who signed in."""

from collections.abc import AsyncIterator
from functools import partial
from typing import TextIO

from approvals.audit import Broken, to_json
from bot.audit_text import write_trail
from bot.parts import opened
from bot.settings import Settings
from bot.web.sign_ins import SignIns
from orchestration import records
from orchestration.errors import UserError
from orchestration.paging import pages
from orchestration.ports import DeploymentId, NotFound, Store
from orchestration.submission import is_of
from orchestration.views import trail

SIGN_INS = "sign-ins"
"""What is written where a deployment's id could be."""
_HEAD, _STEPS = "d:head", "d:step:"


async def audit(
    settings: Settings, of: str | None, *, verify: bool, as_json: bool, out: TextIO
) -> int:
    """Write one record, or all of them; 1 when a chain is broken."""
    code = 0
    if of != SIGN_INS:
        intact = await _deployments(settings, of, verify=verify, as_json=as_json, out=out)
        code = 0 if intact else 1
    if of in (None, SIGN_INS):
        intact = await _sign_ins(settings, of, verify=verify, as_json=as_json, out=out)
        code = code if intact else 1
    return code


async def _deployments(
    settings: Settings, of: str | None, *, verify: bool, as_json: bool, out: TextIO
) -> bool:
    """Whether the chains of one, or of all of them, are whole; each is written when it is read."""
    intact = True
    async with opened(settings) as parts:
        store = parts.store
        async for id in _one(of) if of else _all(store, settings.organisation):
            try:
                found = await trail(store, id)
            except NotFound as error:
                raise UserError(f"there is no deployment {id!r}") from error
            write_trail(found, out, verify=verify, as_json=as_json)
            intact = intact and found["intact"]
    return intact


async def _one(id: str) -> AsyncIterator[DeploymentId]:
    yield DeploymentId(id)


async def _all(store: Store, organisation: str) -> AsyncIterator[DeploymentId]:
    """The deployments of the organisation, the oldest first: what there is, not what is listed."""
    found: list[tuple[str, DeploymentId]] = []
    async for page in pages(partial(store.everywhere, records.CONTAINER, _HEAD)):
        found += [(one.body["at"], DeploymentId(one.body["id"])) for one in page.documents]
    for _, id in sorted(found):
        if await _is_of(store, id, organisation):
            yield id


async def _is_of(store: Store, id: DeploymentId, organisation: str) -> bool:
    """A deployment without steps has lost them, and is not passed over."""
    page = await store.find(records.CONTAINER, id, prefix=_STEPS, limit=1)
    return all(is_of(organisation, step.body["workspace"]) for step in page.documents)


async def _sign_ins(
    settings: Settings, of: str | None, *, verify: bool, as_json: bool, out: TextIO
) -> bool:
    """Whether their chain is whole. Nothing is written where nobody ever tried and nobody asked."""
    async with opened(settings) as parts:
        entries, verdict = await SignIns(parts.store, parts.clock, settings.organisation).trail()
    broken = f"entry {verdict.at_index}: {verdict.why}" if isinstance(verdict, Broken) else ""
    if entries or broken or of:
        events = [{**to_json(entry.event), "hash": entry.hash} for entry in entries]
        trail = {"record": SIGN_INS, "events": events, "intact": not broken, "broken": broken}
        write_trail(trail, out, verify=verify, as_json=as_json)
    return not broken
