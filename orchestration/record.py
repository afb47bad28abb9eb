"""What the pages read of a deployment: all that is kept of it, and changes nothing."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from approvals.audit import Entry, Verdict
from orchestration import records
from orchestration.deployment import Applying, Deployment, PlanRecord, Step, Unplanned
from orchestration.errors import PermanentError
from orchestration.jobs.files import files_planned
from orchestration.jobs.log import Lines, Run, RunId, lines_after, runs_of
from orchestration.jobs.progress import progress_of
from orchestration.messages import EventId
from orchestration.ports import ApplyProgress, ArtifactStore, DeploymentId, NotFound, Store
from orchestration.redaction import redact


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A deployment with its trail, at one moment."""

    deployment: Deployment
    version: int
    trail: tuple[Entry, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """`digest` is what the plan's approval binds to; `as_signed` says whether the text has it.
    It has not where values of earlier steps are filled in that were not known at the sign-off."""

    name: str
    text: str
    digest: str
    as_signed: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a click."""

    counted: tuple[str, ...] = ()
    """The steps that a decision was recorded for."""
    refusal: str = ""


class Record:
    def __init__(self, store: Store, artifacts: ArtifactStore) -> None:
        self._store = store
        self._artifacts = artifacts

    async def version(self, id: DeploymentId) -> int:
        """Grows with every change. Raises: NotFound."""
        return int((await self._store.get(records.CONTAINER, id, "d:head")).body["version"])

    async def snapshot(self, id: DeploymentId) -> Snapshot:
        """Raises: NotFound."""
        loaded = await records.load(self._store, id)
        trail, verdict = await records.audit(self._store, id)
        return Snapshot(loaded.deployment, loaded.version, trail, verdict)

    async def progress(self, deployment: Deployment) -> Mapping[str, ApplyProgress]:
        """How far the running applies are, by step."""
        running = [step.id for step in deployment.steps if isinstance(step.state, Applying)]
        found = {id: await progress_of(self._store, deployment.id, id) for id in running}
        return {id: progress for id, progress in found.items() if progress}

    async def runs(self, id: DeploymentId) -> tuple[Run, ...]:
        """The Terraform runs that said anything, the first one first."""
        return await runs_of(self._store, id)

    async def log(self, id: DeploymentId, run: Run, *, most: int) -> Lines:
        """The last lines of a run so far, `most` of them."""
        lines = await self._said(id, run)
        return Lines(tuple(map(redact, lines.lines[-most:])), lines.last)

    async def whole_log(self, id: DeploymentId, run: Run) -> str:
        """Everything that is kept of a run."""
        text = "\n".join((await self._said(id, run)).lines)
        return await asyncio.to_thread(redact, text)

    async def _said(self, id: DeploymentId, run: Run) -> Lines:
        if run.artifact:
            with suppress(NotFound, PermanentError):
                text = (await self._artifacts.get(run.artifact)).decode()
                return Lines(tuple(text.splitlines()), run.chunks)
        return await lines_after(self._store, id, run.id, 0)

    async def lines(self, id: DeploymentId, run: RunId, after: int) -> Lines:
        """The lines of a run after that document."""
        found = await lines_after(self._store, id, run, after)
        return Lines(tuple(redact(line) for line in found.lines), found.last)

    async def files(self, deployment: Deployment, step: Step) -> tuple[RenderedFile, ...]:
        """What the step's plan was made from; nothing once that has expired."""
        record = deployment.plan(step)
        if record is None:
            return ()
        try:
            content = await files_planned(self._artifacts, deployment.id, step.id, record)
        except (NotFound, PermanentError):
            return ()
        return tuple(_file(record, name, text) for name, text in content.items())

    async def answer(self, id: DeploymentId, click: EventId) -> Answer | None:
        """What came of a click that decides; None when nothing is known of it."""
        snapshot = await self.snapshot(id)
        deployment = snapshot.deployment
        counted = tuple(
            deployment.step(each.step).name
            for each in deployment.decisions
            if each.decision.id.rpartition("/")[0] == click
        )
        if counted:
            return Answer(counted)
        told = (e.event.detail for e in snapshot.trail if e.event.detail.get("click") == click)
        refused = next(told, None)
        return Answer(refusal=str(refused["told"])) if refused else None


def is_live(deployment: Deployment, run: Run) -> bool:
    """Whether more lines may come: a run that was killed has no end, and goes on no more."""
    if run.ended is not None:
        return False
    state = deployment.step(run.id.step).state
    match state:
        case Unplanned(number=number):
            return run.id.what == "plan" and run.id.plan == number
        case Applying(plan=plan):
            return run.id.what == "apply" and run.id.plan == plan
        case _:
            return False


def _file(record: PlanRecord, name: str, text: str) -> RenderedFile:
    digest = record.change.files.get(name, "")
    return RenderedFile(name, redact(text), digest, sha256(text.encode()).hexdigest() == digest)
