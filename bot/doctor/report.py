"""All checks, at once, as text or JSON."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import asdict
from typing import TextIO

from bot.doctor import files, machine, programs, surfaces
from bot.doctor.artifacts import artifacts
from bot.doctor.cloud import cloud
from bot.doctor.cosmos import cosmos
from bot.doctor.finding import Checked
from bot.doctor.people import people
from bot.doctor.planner import planner
from bot.doctor.ports import ports
from bot.doctor.state import state
from bot.settings import Settings
from orchestration.errors import SignoffError


async def check(settings: Settings) -> list[Checked]:
    here = [machine.python(), machine.platform_(), machine.store(settings), ports(settings)]
    asked = await asyncio.gather(
        _told("cosmos", cosmos(settings)),
        _told("artifacts", artifacts(settings)),
        _told("terraform", programs.terraform(settings)),
        _told("state", state(settings)),
        _told("cloud", cloud(settings)),
        _told("engine", programs.engine(settings)),
        _told("planner", planner(settings)),
        _told("people", people(settings)),
        _told("teams", surfaces.teams(settings)),
        _told("slack", surfaces.slack(settings)),
    )
    return [*here, *asked, surfaces.pages(settings), files.policy(settings)]


async def _told(name: str, work: Awaitable[Checked]) -> Checked:
    """What could not even be looked at is not well, and keeps nothing else from being told."""
    try:
        return await work
    except (OSError, SignoffError) as error:
        return Checked(name, str(error), "Look at the store first, and at the settings it names.")


def write(checks: list[Checked], out: TextIO, *, as_json: bool) -> None:
    if as_json:
        out.write(json.dumps({"checks": [asdict(c) | {"ok": c.ok} for c in checks]}) + "\n")
        return
    for checked in checks:
        out.write(f"{'ok  ' if checked.ok else 'FAIL'}  {checked.name:<10}  {checked.found}\n")
        if checked.to_do:
            out.write(f"{'':18}{checked.to_do}\n")
