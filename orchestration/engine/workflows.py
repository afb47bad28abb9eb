"""The one workflow: look at the store, see to what has to happen, wait to be nudged.

It holds no truth. Payloads are ids; every decision is made from the store by `look`.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy

TERRAFORM_QUEUE = "signoff-terraform"
CONTROL_QUEUE = "signoff-control"

_FOR_EVER = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=1.5,
    maximum_interval=timedelta(seconds=30),
)
_PRIORITY = {"plan": 2, "apply": 3}
"""Somebody waits for a plan, which is short; between those of the same, teams take turns."""
_HEARTBEAT = timedelta(seconds=5)
LONGEST_JOB = timedelta(hours=24)
_LOOK = timedelta(seconds=20)
_IN_QUEUE = timedelta(seconds=10)
_IDLE = timedelta(minutes=15)


@dataclass
class ActionRef:
    """One action to be running: `do` is the activity, `plan` the number of the plan, `team` whose
    it is."""

    deployment: str
    do: str
    step: str
    plan: int
    team: str = ""

    @property
    def key(self) -> str:
        return f"{self.do}/{self.step}/{self.plan}"


@dataclass
class View:
    """What `look` saw."""

    actions: list[ActionRef]
    final: bool


@workflow.defn(name="deployment")
class DeploymentWorkflow:
    """Runs for as long as there is something to do; a nudge after that starts it again."""

    def __init__(self) -> None:
        self._nudges = 0
        self._running: dict[str, asyncio.Task[str]] = {}
        self._in_queue: set[str] = set()

    @workflow.signal
    def nudge(self) -> None:
        self._nudges += 1

    @workflow.run
    async def run(self, deployment: str) -> None:
        while True:
            seen = self._nudges
            view = await self._look(deployment)
            self._see_to(view)
            if view.final and not self._running and self._nudges == seen:
                return
            await self._wait(seen)
            if not self._running and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(deployment)

    async def _look(self, deployment: str) -> View:
        view: View = await workflow.execute_activity(
            "look",
            deployment,
            task_queue=CONTROL_QUEUE,
            result_type=View,
            start_to_close_timeout=_LOOK,
            retry_policy=_FOR_EVER,
        )
        return view

    def _see_to(self, view: View) -> None:
        wanted = {action.key: action for action in view.actions}
        for key, task in self._running.items():
            if key not in wanted:
                task.cancel()
        for key, action in wanted.items():
            if key not in self._in_queue and not self._occupied(action):
                self._running[key] = asyncio.create_task(_act(action))

    def _occupied(self, action: ActionRef) -> bool:
        """Whether it runs already, or has to wait until what it stops has ended."""
        stops = f"apply/{action.step}/{action.plan}" if action.do == "stop" else action.key
        return action.key in self._running or stops in self._running

    async def _wait(self, seen: int) -> None:
        """Until a nudge, the end of an action, or a while without either."""
        patience = _IN_QUEUE if self._in_queue else _IDLE
        try:
            await workflow.wait_condition(
                lambda: self._nudges != seen or any(t.done() for t in self._running.values()),
                timeout=patience,
            )
        except TimeoutError:
            seen = -1
        if self._nudges != seen:
            self._in_queue.clear()
        for key, task in list(self._running.items()):
            if task.done():
                del self._running[key]
                if not task.cancelled() and task.exception() is None and task.result() == "busy":
                    self._in_queue.add(key)


async def _act(action: ActionRef) -> str:
    control = action.do in {"confirm", "stop"}
    outcome: str = await workflow.execute_activity(
        action.do,
        action,
        task_queue=CONTROL_QUEUE if control else TERRAFORM_QUEUE,
        result_type=str,
        start_to_close_timeout=_LOOK if control else LONGEST_JOB,
        heartbeat_timeout=None if control else _HEARTBEAT,
        retry_policy=_FOR_EVER,
        priority=Priority(priority_key=_PRIORITY.get(action.do), fairness_key=action.team or None),
        cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    )
    return outcome
