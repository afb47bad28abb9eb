"""Remove the lock of a state that a machine left behind when it died: only if nobody runs there."""

import asyncio
import logging
from dataclasses import dataclass
from uuid import uuid4

from orchestration.errors import UserError
from orchestration.ports import Clock, DeploymentId, StateLock, Terraform, WorkspaceId
from orchestration.workspaces import Job, Workspaces

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unlocking:
    """What proves that nobody runs: a job's place in the queue is given up before it ends for us,
    and no run of ours takes longer than `longest_run_s`.

    The lock is read first. Once this request is the first in the workspace's queue, every job that
    was there has left it. Only one that lost sight of the queue could run on, on a machine that is
    cut off: until the lock is older than the longest run, a person has to say that it has gone.
    """

    workspaces: Workspaces
    terraform: Terraform
    clock: Clock
    longest_run_s: float
    patience_s: float = 60.0
    pause_s: float = 1.0

    async def unlock(self, workspace: WorkspaceId, *, gone: str, by: str) -> StateLock | None:
        """The lock that was removed, None if there was none.

        `gone` is the host that `by` has seen to be gone, or "".

        Raises: UserError - somebody may be running there; TerraformFailed.
        """
        lock = await self.terraform.locked(workspace)
        if lock is None:
            return None
        self._refuse_one_that_may_run(workspace, lock, gone)
        await self._take_turn(workspace, by)
        await self.terraform.unlock(workspace, lock.id)
        fields = {"workspace": workspace, "lock": lock.id, "holder": lock.holder}
        fields |= {"since": str(lock.since or ""), "gone": gone, "by": by}
        _log.warning("state.unlocked", extra={"fields": fields})
        return lock

    def _refuse_one_that_may_run(self, workspace: str, lock: StateLock, gone: str) -> None:
        if lock.since is not None:
            left_s = self.longest_run_s - (self.clock.now() - lock.since).total_seconds()
            if left_s <= 0:
                return
        if gone and gone == lock.host:
            return
        since = f" since {lock.since:%Y-%m-%d %H:%M} UTC" if lock.since else ""
        raise UserError(
            f"{workspace} is locked by {lock.holder or 'somebody'}{since}, who may still be "
            f"running ({lock.operation or 'unknown operation'}). See to it that the machine "
            f"{lock.host or 'that held it'!r} is gone, then say so: --gone {lock.host or 'HOST'}."
        )

    async def _take_turn(self, workspace: WorkspaceId, by: str) -> None:
        """Raises: UserError - a job holds the workspace for longer than our patience."""
        job = Job(f"unlock/{uuid4().hex}", DeploymentId("unlock"), f"an unlock, asked by {by}")
        try:
            for _ in range(max(1, round(self.patience_s / self.pause_s))):
                turn = await self.workspaces.queue_up(workspace, job)
                if turn.place == 1:
                    return
                await asyncio.sleep(self.pause_s)
        finally:
            await self.workspaces.leave(workspace, job.id)
        raise UserError(
            f"{workspace} is held by {turn.behind}: it runs, or its worker has just died and it is "
            "being looked up. Try again when it has ended."
        )
