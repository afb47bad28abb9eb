"""A workspace's queue (one job at a time, in order) and what was last applied in it.

The queue is one small document per workspace, changed under its etag: the first job in it holds
the workspace. An empty queue has no document, so a lock cannot be left behind by an ended job.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from orchestration.document_ids import document_id
from orchestration.errors import TemporaryError
from orchestration.ports import (
    Conflict,
    Create,
    Delete,
    DeploymentId,
    Document,
    NotFound,
    Put,
    Replace,
    Stale,
    StepId,
    Store,
    WorkspaceId,
    Write,
)

CONTAINER = "workspaces"
_ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class Job:
    """One Terraform operation on a workspace. `id` is the same however often it is asked for."""

    id: str
    deployment: DeploymentId
    title: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Place 1 holds the workspace; `behind` is the title of the job that holds it."""

    place: int
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """What was applied: whose step, and the stored files."""

    deployment: DeploymentId
    step: StepId
    files: str


class Workspaces:
    def __init__(self, store: Store, organisation: str) -> None:
        self._store = store
        self._partition = organisation

    async def queue_up(self, workspace: WorkspaceId, job: Job) -> Turn:
        """Join the queue, or find one's place in it again."""
        jobs = await self._change(workspace, lambda jobs: jobs if _has(jobs, job) else [*jobs, job])
        place = next(n for n, other in enumerate(jobs, 1) if other.id == job.id)
        return Turn(place, jobs[0].title if place > 1 else "")

    async def queue(self, workspace: WorkspaceId) -> tuple[Job, ...]:
        """The jobs that wait for the workspace; the first one holds it."""
        document = await self._read(workspace)
        return _jobs(document)

    async def leave(self, workspace: WorkspaceId, job_id: str) -> tuple[DeploymentId, ...]:
        """Leave the queue; the deployments still in it, whose places have changed."""
        jobs = await self._change(workspace, lambda jobs: [j for j in jobs if j.id != job_id])
        return tuple(dict.fromkeys(job.deployment for job in jobs))

    async def leave_all(
        self, workspace: WorkspaceId, deployment: DeploymentId, *, running: Callable[[str], bool]
    ) -> None:
        """Take a deployment that ended out of the queue, but for a job that holds the workspace
        and may be `running`, by its id: it leaves by itself."""

        def left(jobs: list[Job]) -> list[Job]:
            held = [job for job in jobs[:1] if running(job.id)]
            return [job for job in jobs if job in held or job.deployment != deployment]

        await self._change(workspace, left)

    async def versions(self, workspace: WorkspaceId) -> tuple[Version, ...]:
        """What was applied, the newest first; empty when nothing is there (any more)."""
        try:
            document = await self._store.get(CONTAINER, self._partition, _versions(workspace))
        except NotFound:
            return ()
        return tuple(Version(**version) for version in document.body["versions"])

    async def applied(self, workspace: WorkspaceId, version: Version) -> None:
        """Note a version; a step that is applied again replaces its own. The last ten are kept."""
        known = await self.versions(workspace)
        older = known[1:] if _of_one_step(known, version) else known
        await self._put(workspace, (version, *older)[:10])

    async def destroyed(self, workspace: WorkspaceId) -> None:
        await self._put(workspace, ())

    async def rolled_back(self, workspace: WorkspaceId, version: Version) -> None:
        """What `version` names by its files is there again, and what was before it is known yet."""
        known = await self.versions(workspace)
        again = [n for n, other in enumerate(known) if other.files == version.files]
        await self._put(workspace, known[again[0] :] if again else (version,))

    async def _put(self, workspace: WorkspaceId, versions: Sequence[Version]) -> None:
        body = {"versions": [_plain(version) for version in versions]}
        writes = [Put(_versions(workspace), body)]
        await self._store.batch(CONTAINER, self._partition, writes, operation=uuid4().hex)

    async def _change(self, workspace: WorkspaceId, change: Any) -> list[Job]:
        for _ in range(_ATTEMPTS):
            document = await self._read(workspace)
            jobs = list(_jobs(document))
            changed: list[Job] = change(jobs)
            if changed == jobs:
                return jobs
            writes = [_write(workspace, document, changed)]
            try:
                operation = uuid4().hex
                await self._store.batch(CONTAINER, self._partition, writes, operation=operation)
            except (Stale, Conflict, NotFound):
                continue
            return changed
        raise TemporaryError(f"queueing for {workspace!r}: too many at once")

    async def _read(self, workspace: WorkspaceId) -> Document | None:
        try:
            return await self._store.get(CONTAINER, self._partition, _queue(workspace))
        except NotFound:
            return None


def _jobs(document: Document | None) -> tuple[Job, ...]:
    return tuple(Job(**job) for job in document.body["jobs"]) if document else ()


def _write(workspace: WorkspaceId, present: Document | None, jobs: Sequence[Job]) -> Write:
    body = {"jobs": [_plain(job) for job in jobs]}
    if present is None:
        return Create(_queue(workspace), body)
    if not jobs:
        return Delete(present.id, present.etag)
    return Replace(present.id, body, present.etag)


def _of_one_step(known: Sequence[Version], version: Version) -> bool:
    return any((v.deployment, v.step) == (version.deployment, version.step) for v in known[:1])


def _has(jobs: Sequence[Job], job: Job) -> bool:
    return any(other.id == job.id for other in jobs)


def _plain(item: Job | Version) -> Mapping[str, str]:
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


def _queue(workspace: WorkspaceId) -> str:
    return f"queue:{document_id(workspace)}"


def _versions(workspace: WorkspaceId) -> str:
    return f"versions:{document_id(workspace)}"
