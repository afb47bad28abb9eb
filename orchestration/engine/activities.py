"""Activities: thin, each looks at the store before it does anything."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TypeAlias
from uuid import uuid4

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from orchestration import tracing, transitions
from orchestration.correlation import correlated
from orchestration.deployment import Deployment, Failed
from orchestration.engine.workflows import ActionRef, View
from orchestration.errors import TemporaryError
from orchestration.jobs import applying, planning
from orchestration.jobs.workshop import Outcome, Workshop
from orchestration.measures import failed, job_taken
from orchestration.next_actions import Do, NextAction, next_actions
from orchestration.permits import Permits
from orchestration.ports import DeploymentId, NotFound, StepId, TerraformCancelled
from orchestration.standing import is_final
from orchestration.transitions import Superseded

Run: TypeAlias = Callable[[], Awaitable[Outcome]]
_BEAT_S = 1.5
_LONGEST_TEAM = 64
_WHEN_GONE = timedelta(seconds=1)
"""When a worker that leaves does not ask for jobs any more."""
_log = logging.getLogger(__name__)


class Activities:
    """The activities of the deployment workflow, over one workshop."""

    def __init__(self, shop: Workshop, permits: Permits) -> None:
        self._shop = shop
        self._permits = permits
        self._jobs: set[asyncio.Task[str]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._leaving = False

    def control(self) -> list[Callable[..., Awaitable[object]]]:
        return [self.look, self.confirm, self.stop]

    def terraform(self) -> list[Callable[..., Awaitable[object]]]:
        return [self.plan, self.apply]

    @property
    def running(self) -> int:
        """How many jobs run in this process."""
        return len(self._jobs)

    async def idle(self) -> None:
        """Until none runs."""
        await self._idle.wait()

    def hand_back(self) -> None:
        """Stop what runs; it is known afterwards how far it came, and another worker goes on."""
        self._leaving = True
        for job in self._jobs:
            job.cancel()

    @activity.defn(name="look")
    async def look(self, deployment_id: str) -> View:
        try:
            loaded = await self._shop.deployments.loaded(DeploymentId(deployment_id))
        except NotFound:  # listed, and not there yet; whoever makes it nudges again
            return View([], final=True)
        await self._shop.listed(loaded)
        deployment = loaded.deployment
        actions = [_ref(deployment, action) for action in next_actions(deployment)]
        return View(actions, is_final(deployment))

    @activity.defn(name="confirm")
    async def confirm(self, ref: ActionRef) -> str:
        """It is the step's turn: ask the gates of the moment of execution."""
        shop, people = self._shop, await self._shop.people()

        def turn(deployment: Deployment) -> Deployment:
            step = deployment.step(ref.step)
            asked = transitions.confirming(deployment, step)
            return transitions.advanced(asked, asked.step(ref.step), people)

        async def ask() -> Outcome:
            step = (await shop.deployments.get(DeploymentId(ref.deployment))).step(ref.step)
            event = shop.event(step, "confirmation asked", plan=ref.plan)
            await shop.deployments.change(DeploymentId(ref.deployment), turn, event)
            return Outcome.DONE

        return await self._guarded(ref, ask)

    @activity.defn(name="plan")
    async def plan(self, ref: ActionRef) -> str:
        deployment, step = DeploymentId(ref.deployment), StepId(ref.step)
        return await self._job(ref, lambda: planning.plan(self._shop, deployment, step, ref.plan))

    @activity.defn(name="apply")
    async def apply(self, ref: ActionRef) -> str:
        attempt = _attempt(ref, leaving=lambda: self._leaving)
        return await self._job(
            ref, lambda: applying.apply(self._shop, attempt), owner=attempt.owner
        )

    @activity.defn(name="stop")
    async def stop(self, ref: ActionRef) -> str:
        """A cancelled apply has ended without a word, or its worker died."""
        return await self._guarded(
            ref, lambda: applying.stop(self._shop, _attempt(ref)), owner=None
        )

    async def _job(self, ref: ActionRef, run: Run, owner: str = "") -> str:
        """A job in a task of its own, so that this process can stop it and the engine knows why.

        Raises: ApplicationError - it was handed back; it is begun again elsewhere. TemporaryError -
        it may not run now.
        """
        with self._permits.running():
            return await self._to_its_end(self._guarded(ref, run, owner))

    async def _to_its_end(self, work: Coroutine[None, None, str]) -> str:
        job = asyncio.create_task(work)
        self._jobs.add(job)
        self._idle.clear()
        if self._leaving:  # it came while the door was being closed
            job.cancel()
        try:
            return await _heeded(job)
        except asyncio.CancelledError as error:
            if not self._leaving:
                raise
            raise ApplicationError(
                "handed back", next_retry_delay=_WHEN_GONE, category=ApplicationErrorCategory.BENIGN
            ) from error
        finally:
            self._jobs.discard(job)
            if not self._jobs:
                self._idle.set()

    async def _guarded(self, ref: ActionRef, run: Run, owner: str | None = "") -> str:
        async with _told(ref), _beating():
            try:
                return (await run()).value
            except TemporaryError:
                failed("temporary", ref.do)
                raise
            except TerraformCancelled as error:
                raise asyncio.CancelledError from error
            except Superseded:
                return Outcome.DONE.value
            except Exception:
                return await self._fault(ref, owner)

    async def _fault(self, ref: ActionRef, owner: str | None) -> str:
        """A fault of our own: the thread gets an incident id, the log the rest."""
        failed("fault", ref.do)
        incident = uuid4().hex[:8]
        fields = {"incident": incident, "deployment": ref.deployment, "action": ref.key}
        _log.exception("job_fault", extra={"fields": fields})
        summary = f"something went wrong in Signoff itself (incident {incident})"
        shop = self._shop

        def fail(deployment: Deployment) -> Deployment:
            failure = Failed(0, shop.clock.now(), "Signoff", summary)
            return _failed(deployment, ref, failure, owner)

        step = (await shop.deployments.get(DeploymentId(ref.deployment))).step(ref.step)
        event = shop.event(step, "fault", incident=incident)
        with suppress(Superseded):  # it has gone on without this attempt
            await shop.deployments.change(DeploymentId(ref.deployment), fail, event)
        return Outcome.DONE.value


def _ref(deployment: Deployment, action: NextAction) -> ActionRef:
    team = _team(deployment, action)
    return ActionRef(deployment.id, action.do.value, action.step, action.plan, team)


def _team(deployment: Deployment, action: NextAction) -> str:
    """Whose the step is, in at most the 64 bytes that the engine takes; else who asked for it."""
    said = deployment.step(action.step).values.get("team")
    name = str(said.value) if said else deployment.requester
    return name.encode()[:_LONGEST_TEAM].decode(errors="ignore")


async def _heeded(job: asyncio.Task[str]) -> str:
    """The job's result; whoever cancels this cancels it, and it decides when it ends."""
    while True:
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            if job.done():
                raise
            job.cancel()


def _attempt(ref: ActionRef, *, leaving: Callable[[], bool] = lambda: False) -> applying.Attempt:
    return applying.Attempt(
        DeploymentId(ref.deployment),
        StepId(ref.step),
        ref.plan,
        owner=uuid4().hex,
        leaving=leaving,
    )


def _failed(
    deployment: Deployment, ref: ActionRef, failure: Failed, owner: str | None
) -> Deployment:
    step = deployment.step(ref.step)
    if ref.do == Do.PLAN.value:
        return transitions.unplannable(deployment, step, failure, plan=ref.plan)
    return transitions.broken(deployment, step, failure, plan=ref.plan, owner=owner)


@asynccontextmanager
async def _told(ref: ActionRef) -> AsyncIterator[None]:
    """What is logged and traced meanwhile belongs to the deployment."""
    info = activity.info()
    waited = info.started_time - info.current_attempt_scheduled_time
    job_taken(ref.do, waited.total_seconds())
    leg = tracing.about(ref.deployment, f"job {ref.do}", step=ref.step, plan=ref.plan)
    with correlated(ref.deployment), leg:
        yield


@asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """Heartbeats for as long as the job runs, so that a dead worker is noticed in seconds."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(_BEAT_S)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
