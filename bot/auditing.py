"""`signoff audit`: the record of deployments, and that of who signed in."""

from typing import TextIO

from approvals.audit import Broken, to_json
from bot import wiring
from bot.audit_text import write_trail
from bot.parts import opened
from bot.settings import Settings
from bot.web.sign_ins import SignIns

SIGN_INS = "sign-ins"
"""What is written where a deployment's id could be."""


async def audit(
    settings: Settings, of: str | None, *, verify: bool, as_json: bool, out: TextIO
) -> int:
    """Write one record, or all of them; 1 when a chain is broken."""
    code = 0
    if of != SIGN_INS:
        code = await wiring.audit(settings, of, verify=verify, as_json=as_json, out=out)
    if of in (None, SIGN_INS):
        intact = await _sign_ins(settings, of, verify=verify, as_json=as_json, out=out)
        code = code if intact else 1
    return code


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
