"""A prepared working folder, and running commands in it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.adapters.terraform import workdir
from orchestration.adapters.terraform.backend import Backend
from orchestration.adapters.terraform.environment import environment
from orchestration.adapters.terraform.initialised import stamp
from orchestration.adapters.terraform.providers import alone_in
from orchestration.adapters.terraform.run import OnEvent, Runner
from orchestration.ports import Import, OnLine, WorkspaceId


@dataclass(frozen=True, slots=True)
class Place:
    """What all sessions have in common."""

    root: Path
    backend: Backend
    runner: Runner
    cli_config: Path | None
    environment: Mapping[str, str]
    init_timeout_s: float
    shared: Path | None = None
    """The folder that all workspaces' providers are kept in, if they are."""


@dataclass(frozen=True, slots=True)
class Session:
    folder: Path
    lock: str
    """Content of the lock file."""
    _runner: Runner
    _environment: Mapping[str, str]

    async def run(
        self,
        operation: str,
        arguments: Sequence[str],
        *,
        timeout_s: float,
        on_line: OnLine | None = None,
        on_event: OnEvent | None = None,
    ) -> str:
        """What the command printed, apart from its log.

        Raises: TerraformFailed, TerraformCancelled, WorkspaceLocked.
        """
        return await self._runner.run(
            operation,
            arguments,
            folder=self.folder,
            environment=self._environment,
            timeout_s=timeout_s,
            on_line=on_line,
            on_event=on_event,
        )


@asynccontextmanager
async def opened(
    place: Place,
    workspace: WorkspaceId,
    files: Mapping[str, str],
    *,
    imports: Sequence[Import] = (),
    lock: str | None = None,
    plan: bytes | None = None,
) -> AsyncIterator[Session]:
    """A folder with everything in it and `init` done; it is removed afterwards.

    With `lock`, exactly these providers are used.
    """
    home = workdir.folder_of(place.root, workspace)
    with workdir.opened(home) as folder:
        workdir.write_files(folder, files)
        workdir.write_imports(folder, imports)
        place.backend.write(folder, workspace)
        if plan is not None:
            (folder / workdir.PLAN).write_bytes(plan)
        variables = environment(
            place.environment, home=folder, data=home / "data", cli_config=place.cli_config
        )
        session = Session(folder, "", place.runner, variables)
        yield await _initialised(session, place, workspace, files, lock)


async def _initialised(
    session: Session,
    place: Place,
    workspace: WorkspaceId,
    files: Mapping[str, str],
    lock: str | None,
) -> Session:
    """The session with its lock file, after `init` unless the data folder fits already."""
    backend = place.backend.init_arguments(workspace)
    home = session.folder.parent
    made = stamp(home, files, backend, place.runner.argv, [str(place.cli_config)])
    known = made.lock()
    if known is None or lock not in (None, known):
        arguments = ["init", "-input=false", "-no-color", *backend]
        if lock is not None:
            _write_lock(session.folder, lock)
            arguments.append("-lockfile=readonly")
        async with alone_in(place.shared):
            await session.run("init", arguments, timeout_s=place.init_timeout_s)
        known = made.keep(session.folder)
    else:
        _write_lock(session.folder, known)
    return replace(session, lock=known)


def _write_lock(folder: Path, content: str) -> None:
    if content:
        (folder / workdir.LOCK).write_text(content)
