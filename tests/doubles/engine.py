"""The engine without Temporal: does what `next_actions` names, in this process, until nothing is
left to do. It repeats an action as an engine does: after a `TemporaryError`, and after a death."""

import asyncio
from collections import Counter
from uuid import uuid4

from orchestration import transitions
from orchestration.deployment import Deployment
from orchestration.errors import TemporaryError
from orchestration.jobs import applying, planning
from orchestration.jobs.workshop import Outcome, Workshop
from orchestration.next_actions import Do, NextAction, next_actions
from orchestration.ports import DeploymentId
from orchestration.transitions import Superseded


class FakeEngine:
    """Satisfies `ports.Engine`: remembers who was nudged."""

    def __init__(self) -> None:
        self.nudged: Counter[DeploymentId] = Counter()

    async def nudge(self, deployment: DeploymentId) -> None:
        self.nudged[deployment] += 1


class DirectEngine:
    """Runs the jobs of one workshop. `leaving` says that its process is being stopped."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self.leaving = False
        self.running: dict[str, asyncio.Task[Outcome]] = {}

    async def run(self, id: DeploymentId) -> Deployment:
        """Until nothing is left to do, or all that is left waits in a queue."""
        waiting: set[str] = set()
        while True:
            loaded = await self.shop.deployments.loaded(id)
            await self.shop.listed(loaded)
            deployment = loaded.deployment
            wanted = {action.key: action for action in next_actions(deployment)}
            self._see_to(id, wanted, waiting)
            if not self.running:
                return deployment
            await asyncio.wait(self.running.values(), return_when=asyncio.FIRST_COMPLETED)
            for key, task in [*self.running.items()]:
                if task.done():
                    del self.running[key]
                    waiting.clear()
                    if not task.cancelled() and task.result() is Outcome.BUSY:
                        waiting.add(key)

    def _see_to(self, id: DeploymentId, wanted: dict[str, NextAction], waiting: set[str]) -> None:
        for key, task in self.running.items():
            if key not in wanted:
                task.cancel()
        for key, action in wanted.items():
            stops = f"apply/{action.step}/{action.plan}" if action.do is Do.STOP else key
            if not {key, stops} & {*self.running, *waiting}:
                self.running[key] = asyncio.create_task(self.act(id, action))

    async def act(self, id: DeploymentId, action: NextAction) -> Outcome:
        """One action, repeated while something is not there."""
        for _ in range(500):
            try:
                return await self._once(id, action)
            except TemporaryError:
                await asyncio.sleep(0.01)
            except Superseded:
                return Outcome.DONE
        raise AssertionError(f"{action.key} does not end")

    async def _once(self, id: DeploymentId, action: NextAction) -> Outcome:
        attempt = applying.Attempt(
            id, action.step, action.plan, owner=uuid4().hex, leaving=lambda: self.leaving
        )
        match action.do:
            case Do.PLAN:
                return await planning.plan(self.shop, id, action.step, action.plan)
            case Do.APPLY:
                return await applying.apply(self.shop, attempt)
            case Do.STOP:
                return await applying.stop(self.shop, attempt)
            case Do.CONFIRM:
                return await self._confirm(id, action)

    async def _confirm(self, id: DeploymentId, action: NextAction) -> Outcome:
        people = await self.shop.people()

        def turn(deployment: Deployment) -> Deployment:
            asked = transitions.confirming(deployment, deployment.step(action.step))
            return transitions.advanced(asked, asked.step(action.step), people)

        await self.shop.deployments.change(id, turn)
        return Outcome.DONE
