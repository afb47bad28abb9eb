"""What everybody sees of a deployment, read and drawn once for each of its versions.

However many follow it, a change is read and drawn once; drawing a long plan takes a thread, so that
nothing else waits for it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakValueDictionary

from approvals.principals import Role
from bot.web.drawing import Drawing
from bot.web.run_view import SHARED, Shown, planned_steps, words_for
from orchestration.ports import DeploymentId, Directory
from orchestration.record import Record

_MOST = 50
"""Deployments that are kept at hand."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """`html` is by the name of the part."""

    shown: Shown
    html: Mapping[str, str]


class Shelf:
    def __init__(self, record: Record, directory: Directory, drawing: Drawing) -> None:
        self._record = record
        self._directory = directory
        self._drawing = drawing
        self._kept: OrderedDict[DeploymentId, Drawn] = OrderedDict()
        self._locks: WeakValueDictionary[DeploymentId, asyncio.Lock] = WeakValueDictionary()

    async def of(self, id: DeploymentId) -> Drawn:
        """As it is now. Raises: NotFound."""
        async with self._locks.setdefault(id, asyncio.Lock()):
            version = await self._record.version(id)
            kept = self._kept.get(id)
            if kept is None or kept.shown.snapshot.version != version:
                kept = await self._draw(id)
                self._kept[id] = kept
            self._kept.move_to_end(id)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
            return kept

    async def _draw(self, id: DeploymentId) -> Drawn:
        snapshot = await self._record.snapshot(id)
        deployment = snapshot.deployment
        people = await self._directory.with_roles(frozenset(Role))
        files = {
            str(step.id): await self._record.files(deployment, step) for step in deployment.steps
        }
        steps = tuple(planned_steps(deployment, people, files))
        shown = Shown(snapshot, steps, {person.id: person.name for person in people})
        return Drawn(shown, await asyncio.to_thread(self._parts, shown))

    def _parts(self, shown: Shown) -> Mapping[str, str]:
        draw, words = self._drawing.draw, words_for()
        return {name: draw(f"parts/{name}", view=shown, **words) for name in SHARED}
