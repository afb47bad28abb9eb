"""What people set in motion: submit, cancel, retry, roll back, destroy.

Each stores first and nudges the engine after; a nudge that fails is made up for by the reconciler.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from approvals.audit import Event
from approvals.change import Operation
from approvals.principals import Principal, Role
from capabilities.capability import Catalogue
from orchestration import transitions
from orchestration.deployment import (
    Applying,
    Cancelled,
    Deployment,
    Failed,
    Kind,
    Rejected,
    Step,
    Succeeded,
    Unplanned,
)
from orchestration.deployments import Deployments
from orchestration.draft import Draft
from orchestration.errors import TemporaryError, UserError
from orchestration.messages import EventId, ThreadId
from orchestration.next_actions import is_plan
from orchestration.ports import Clock, DeploymentId, Engine
from orchestration.standing import is_final
from orchestration.submission import deployment_id, steps_of, title_of
from orchestration.workspaces import Version, Workspaces

_MAY_STEER = frozenset({Role.LEAD, Role.PLATFORM})


class Provisioning:
    """Starts and steers the deployments of one organisation."""

    def __init__(
        self,
        deployments: Deployments,
        workspaces: Workspaces,
        catalogue: Catalogue,
        engine: Engine,
        clock: Clock,
    ) -> None:
        self._deployments = deployments
        self._workspaces = workspaces
        self._catalogue = catalogue
        self._engine = engine
        self._clock = clock

    async def submit(
        self,
        draft: Draft,
        thread: ThreadId,
        by: Principal,
        event: EventId,
        present: DeploymentId | None,
    ) -> DeploymentId:
        """Freeze the draft into a deployment, or into a new version of the `present` one.

        A present one of which a part was rejected is cancelled, and the draft starts anew.

        Raises: UserError - incomplete, or the present one is running.
        """
        steps = steps_of(draft, self._catalogue, self._deployments.organisation)
        title = title_of(steps, self._catalogue)
        if present:
            if await self._deployments.was_done(present, event):
                return present
            current = await self._deployments.get(present)
            if not is_final(current):
                _check_revising(current, by)
                if not _came_to_nothing(current):
                    return await self._revise(current, steps, title, by, event)
                await self.cancel(present, by)
        deployment = Deployment(
            id=deployment_id(thread, event),
            kind=Kind.PROVISION,
            title=title,
            thread=thread,
            requester=by.id,
            at=self._clock.now(),
            steps=steps,
        )
        return await self._start(deployment, by)

    async def _revise(
        self,
        current: Deployment,
        steps: Sequence[Step],
        title: str,
        by: Principal,
        event: EventId,
    ) -> DeploymentId:
        revise = lambda d: transitions.revised(d, _begun(d, steps), title=title)  # noqa: E731
        revised = [self._event(by, "revised", current.id)]
        after = await self._deployments.change(current.id, revise, revised, once=event)
        return await self._nudged(after)

    async def cancel(self, id: DeploymentId, by: Principal, event: EventId | None = None) -> None:
        """Raises: UserError - nothing left to cancel, or not this person's to cancel."""
        at = self._clock.now()

        def cancel(deployment: Deployment) -> Deployment:
            _check_steering(deployment, by, "cancel")
            return transitions.cancelled(deployment, by=by.id, at=at)

        cancelled = [self._event(by, "cancelled", id)]
        after = await self._deployments.change(id, cancel, cancelled, once=event)
        for step in after.steps:
            if not isinstance(step.state, Applying):
                await self._workspaces.leave_all(step.workspace, id, running=is_plan)
        await self._nudged(after)

    async def retry(
        self,
        id: DeploymentId,
        by: Principal,
        steps: Sequence[str] = (),
        event: EventId | None = None,
    ) -> None:
        """Raises: UserError - nothing has failed."""

        def retry(deployment: Deployment) -> Deployment:
            _check_steering(deployment, by, "retry")
            return transitions.retried(deployment, steps)

        retried = [self._event(by, "retried", id)]
        after = await self._deployments.change(id, retry, retried, once=event)
        await self._nudged(after)

    async def undo(
        self,
        id: DeploymentId,
        by: Principal,
        event: EventId,
        kind: Kind,
        wanted: Sequence[str] = (),
        present: DeploymentId | None = None,
    ) -> DeploymentId:
        """Ask for the wanted steps of a deployment, or all, to be undone, dependents first:
        destroyed, or rolled back to what was applied before, which is destroyed if nothing was.

        Raises: UserError - it is running, there is nothing to undo, or the thread's `present`
        deployment does so already.
        """
        source = await self._deployments.get(id)
        _check_steering(source, by, kind.replace("_", " "))
        if not is_final(source):
            raise UserError(f"{source.title!r} has not ended; cancel it first")
        if present and present != deployment_id(source.thread, event):
            undoing = await self._deployments.get(present)
            if undoing.source == id and not is_final(undoing):
                raise UserError(f"{undoing.title!r} ({undoing.id}) is under way already")
        undone = [s for s in reversed(source.steps) if s.left_something and _meant(s, wanted)]
        if not undone:
            raise UserError(f"there is nothing of {source.title!r} to {kind.replace('_', ' ')}")
        steps = [await self._undoing(source, step, kind) for step in undone]
        deployment = Deployment(
            id=deployment_id(source.thread, event),
            kind=kind,
            title=await self._undoing_title(source, kind),
            thread=source.thread,
            requester=by.id,
            at=self._clock.now(),
            steps=_reversed_needs(source, steps),
            source=source.id,
        )
        return await self._start(deployment, by)

    async def _undoing_title(self, source: Deployment, kind: Kind) -> str:
        """By the request at the root of it, however often it was undone in part."""
        request = source
        while request.source:
            request = await self._deployments.get(request.source)
        if kind is Kind.DESTROY:
            return f"Destroy {request.title}"
        what = "the tear-down of " if source.kind is Kind.DESTROY else ""
        return f"Roll back {what}{request.title}"

    async def _undoing(self, source: Deployment, step: Step, kind: Kind) -> Step:
        versions = await self._workspaces.versions(step.workspace)
        fresh = replace(
            step,
            needs=(),
            inputs=(),
            target="",
            decided_from=0,
            confirmed_from=0,
            state=Unplanned(1, interrupted=not isinstance(step.state, Succeeded)),
            started=False,
        )
        if kind is Kind.ROLL_BACK:
            before = await self._before(source, step, versions)
            if before:
                return await self._going_back(fresh, before)
        whole = versions and isinstance(step.state, Succeeded)  # else it had more in mind
        target = versions[0].files if whole else ""
        return replace(fresh, operation=Operation.DESTROY, target=target)

    async def _before(
        self, source: Deployment, step: Step, versions: Sequence[Version]
    ) -> Version | None:
        """What was there before the step; None when nothing was.

        Raises: UserError - something else has been applied since.
        """
        if not versions:
            return None
        if versions[0].deployment == source.id:
            return versions[1] if len(versions) > 1 else None
        newest = await self._deployments.get(versions[0].deployment)
        if isinstance(step.state, Succeeded) or newest.at > source.at:
            raise UserError(
                f"{step.name} is not as {source.title!r} left it: what is there now "
                f"was made by {newest.title!r} ({newest.id})"
            )
        return versions[0]

    async def _going_back(self, step: Step, version: Version) -> Step:
        earlier = (await self._deployments.get(version.deployment)).step(version.step)
        return replace(step, operation=Operation.APPLY, values=earlier.values, target=version.files)

    async def _start(self, deployment: Deployment, by: Principal) -> DeploymentId:
        event = self._event(by, "submitted", deployment.id, title=deployment.title)
        await self._deployments.create(deployment, event)
        return await self._nudged(deployment)

    async def _nudged(self, deployment: Deployment) -> DeploymentId:
        with suppress(TemporaryError):  # stored and listed: the reconciler nudges it again
            await self._engine.nudge(deployment.id)
        return deployment.id

    def _event(self, by: Principal, action: str, subject: str, **detail: str) -> Event:
        return Event(self._clock.now(), by.id, action, subject, detail)


def _check_steering(deployment: Deployment, by: Principal, verb: str) -> None:
    if by.id != deployment.requester and not by.roles & _MAY_STEER:
        raise UserError(f"only {deployment.requester}, a lead or platform can {verb} this")


def _check_revising(deployment: Deployment, by: Principal) -> None:
    if by.id != deployment.requester:
        raise UserError("only the requester can submit a changed version of what is waiting")
    if deployment.kind is not Kind.PROVISION:
        raise UserError(f"{deployment.title!r} has not ended; cancel it before you submit this")


def _came_to_nothing(deployment: Deployment) -> bool:
    """Whether a part of it has ended badly and no part has ever begun."""
    ended = any(isinstance(s.state, Failed | Rejected | Cancelled) for s in deployment.steps)
    return ended and not any(step.started for step in deployment.steps)


def _begun(deployment: Deployment, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps of a changed request, which know where something may be there already.

    Raises: UserError - such a place would be forgotten.
    """
    begun = {step.workspace: step for step in deployment.steps if step.started}
    for workspace in begun.keys() - {step.workspace for step in steps}:
        raise UserError(
            f"{begun[workspace].name} may be there in part already: "
            f"cancel {deployment.title!r} and roll it back before you drop it"
        )
    return tuple(replace(step, started=step.workspace in begun) for step in steps)


def _meant(step: Step, wanted: Sequence[str]) -> bool:
    return not wanted or bool({step.id, step.name, step.capability} & set(wanted))


def _reversed_needs(source: Deployment, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Each step waits for those that needed it."""
    present = {step.id for step in steps}
    needed_by = {
        step.id: tuple(o.id for o in source.steps if step.id in o.needs and o.id in present)
        for step in steps
    }
    return tuple(replace(step, needs=needed_by[step.id]) for step in steps)
