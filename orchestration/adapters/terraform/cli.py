"""`ports.Terraform` by running a Terraform or OpenTofu binary."""

import contextlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from approvals.change import Operation
from orchestration.adapters.terraform import plan_file, plan_summary
from orchestration.adapters.terraform.backend import Backend, LocalBackend
from orchestration.adapters.terraform.events import Event, Progress
from orchestration.adapters.terraform.failure import StateLocked
from orchestration.adapters.terraform.run import OnEvent, Runner
from orchestration.adapters.terraform.session import Place, Session, opened
from orchestration.adapters.terraform.state import State, parse
from orchestration.adapters.terraform.workdir import PLAN
from orchestration.ports import (
    Applied,
    Import,
    OnLine,
    OnProgress,
    Planned,
    StateLock,
    StateVersion,
    TerraformFailed,
    WorkspaceId,
)

_READING = ".state"
"""Below the working folders: nothing but backends, made ready apart from what plans and applies."""
_NO_SUCH_RESOURCE = "terraform_data.signoff_asks_for_the_lock"
_log = logging.getLogger(__name__)


class TerraformCli:
    """Plain values only; `argv` is how to start the binary, see `binary.find`.

    Per workspace, `init` is run again only if the files, the lock or the mirror have changed.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        workdir: Path,
        backend: Backend,
        cli_config: Path | None = None,
        shared_providers: Path | None = None,
        environment: Mapping[str, str] | None = None,
        plan_timeout_s: float = 600.0,
        apply_timeout_s: float = 3600.0,
        lock_timeout_s: float = 30.0,
        cancel_grace_s: float = 120.0,
    ) -> None:
        self._backend = backend
        runner = Runner(tuple(argv), cancel_grace_s)
        self._place = Place(
            workdir.absolute(),
            backend,
            runner,
            cli_config,
            environment or {},
            plan_timeout_s,
            shared_providers,
        )
        self._reading = replace(self._place, root=self._place.root / _READING)
        self._plan_timeout_s = plan_timeout_s
        self._apply_timeout_s = apply_timeout_s
        self._lock_wait = f"-lock-timeout={lock_timeout_s:g}s"

    async def plan(
        self,
        workspace: WorkspaceId,
        files: Mapping[str, str],
        *,
        operation: Operation,
        imports: Sequence[Import] = (),
        on_line: OnLine | None = None,
    ) -> Planned:
        arguments = ["plan", "-json", "-input=false", f"-out={PLAN}", self._lock_wait]
        destroys = operation is Operation.DESTROY
        if destroys:
            arguments.append("-destroy")
        blocks = () if destroys else imports
        async with opened(self._place, workspace, files, imports=blocks) as session:
            for one in imports if destroys else ():
                found = ["-input=false", "-no-color", self._lock_wait, one.address, one.id]
                try:
                    await session.run("import", ["import", *found], timeout_s=self._plan_timeout_s)
                except TerraformFailed:
                    fields = {"workspace": workspace, "address": one.address, "id": one.id}
                    _log.warning("not_adopted", extra={"fields": fields}, exc_info=True)
            await session.run("plan", arguments, timeout_s=self._plan_timeout_s, on_line=on_line)
            shown = await session.run(
                "show", ["show", "-json", "-no-color", PLAN], timeout_s=self._plan_timeout_s
            )
            return _planned(session, json.loads(shown))

    async def apply(
        self,
        workspace: WorkspaceId,
        files: Mapping[str, str],
        plan: Planned | bytes,
        *,
        lock: str,
        on_progress: OnProgress | None = None,
        on_line: OnLine | None = None,
    ) -> Applied:
        saved = plan if isinstance(plan, bytes) else plan.file
        async with opened(self._place, workspace, files, lock=lock, plan=saved) as session:
            await session.run(
                "apply",
                ["apply", "-json", "-input=false", self._lock_wait, PLAN],
                timeout_s=self._apply_timeout_s,
                on_line=on_line,
                on_event=_counting(on_progress, saved) if on_progress else None,
            )
            now = await self._read(workspace, session)
        return Applied(now.outputs, now.version)

    async def state(self, workspace: WorkspaceId) -> StateVersion:
        return (await self._read(workspace)).version

    async def addresses(self, workspace: WorkspaceId) -> frozenset[str]:
        return (await self._read(workspace)).addresses

    async def locked(self, workspace: WorkspaceId) -> StateLock | None:
        if isinstance(self._backend, LocalBackend):
            return None  # the kernel lets go of a file when its process ends
        async with opened(self._reading, workspace, self._backend.files) as session:
            return await self._held(session)

    async def unlock(self, workspace: WorkspaceId, lock: str) -> None:
        if isinstance(self._backend, LocalBackend):
            return
        async with opened(self._reading, workspace, self._backend.files) as session:
            arguments = ["force-unlock", "-no-color", "-force", lock]
            await session.run("unlock", arguments, timeout_s=self._plan_timeout_s)

    async def _read(self, workspace: WorkspaceId, session: Session | None = None) -> State:
        if isinstance(self._backend, LocalBackend):
            return self._backend.read(workspace)
        if session is None:
            async with opened(self._reading, workspace, self._backend.files) as session:
                return await self._read(workspace, session)
        pulled = await session.run(
            "state", ["state", "pull", "-no-color"], timeout_s=self._plan_timeout_s
        )
        return parse(pulled)

    async def _held(self, session: Session) -> StateLock | None:
        """The lock that somebody holds: asked for by removing what is not there."""
        arguments = ["state", "rm", "-no-color", "-lock-timeout=0s", _NO_SUCH_RESOURCE]
        try:
            await session.run("unlock", arguments, timeout_s=self._plan_timeout_s)
        except StateLocked as locked:
            return locked.lock
        except TerraformFailed:
            pass  # it got the lock and found nothing to remove
        return None


def _planned(session: Session, shown: plan_summary.Plan) -> Planned:
    content = (session.folder / PLAN).read_bytes()
    return Planned(
        file=content,
        resources=plan_summary.resource_changes(shown),
        state=plan_file.made_against(content),
        lock=session.lock,
        facts=plan_summary.facts(shown),
        adopts=plan_summary.adopted(shown),
        remakes=plan_summary.remade(shown),
    )


def _counting(on_progress: OnProgress, plan: bytes) -> OnEvent:
    progress = Progress(plan_file.step_count(plan))

    async def hear(event: Event) -> None:
        if (now := progress.after(event)) is not None:
            # a card that cannot be updated is no reason to stop an apply
            with contextlib.suppress(Exception):
                await on_progress(now)

    return hear
