"""`signoff unlock`: remove the lock that a machine left on a workspace's state when it died."""

import re
from typing import TextIO

from bot.clouds import opened_cloud
from bot.parts import opened
from bot.settings import Settings
from orchestration.errors import UserError
from orchestration.jobs.unlocking import Unlocking
from orchestration.ports import WorkspaceId
from orchestration.workspaces import Workspaces

_WORKSPACE = re.compile(r"\w[\w.-]*(/\w[\w.-]*){3}")


async def unlock(settings: Settings, workspace: str, *, gone: str, by: str, out: TextIO) -> int:
    """Raises: UserError - it is no workspace, or somebody may be running there."""
    if not _WORKSPACE.fullmatch(workspace):
        named = "ORGANISATION/ENVIRONMENT/CAPABILITY/NAME"
        raise UserError(f"{workspace!r} is no workspace; it is {named}")
    longest_s = max(settings.plan_timeout_s, settings.apply_timeout_s) + 2 * settings.cancel_grace_s
    async with opened(settings) as parts, opened_cloud(settings) as cloud:
        unlocking = Unlocking(
            Workspaces(parts.store, settings.organisation),
            cloud.terraform,
            parts.clock,
            longest_s,
        )
        lock = await unlocking.unlock(WorkspaceId(workspace), gone=gone, by=by)
    held = f"the lock of {lock.holder} was removed" if lock else "it is not locked"
    out.write(f"{workspace}: {held}\n")
    return 0
