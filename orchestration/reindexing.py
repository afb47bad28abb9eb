"""Makes the lists of deployments anew, from the deployments themselves.

It may run while everything else does: a deployment that changes meanwhile is looked at again, and a
line is removed only when its deployment is not there.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from approvals.principals import Role
from capabilities.capability import Catalogue
from orchestration.cards.facing import Facing
from orchestration.deployments import Deployments
from orchestration.index import Line, past_line
from orchestration.listing import Summary
from orchestration.paging import pages
from orchestration.ports import DeploymentId, Directory, NotFound
from orchestration.records import CONTAINER
from orchestration.submission import is_of
from orchestration.summaries import summarised

_HEAD = "d:head"
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Reindexed:
    listed: int
    removed: int
    """Lines of deployments that are not there, or in a place that is not theirs."""


class Reindexing:
    def __init__(
        self, deployments: Deployments, catalogue: Catalogue, directory: Directory
    ) -> None:
        self._deployments = deployments
        self._catalogue = catalogue
        self._directory = directory

    async def run(self) -> Reindexed:
        people = await self._directory.with_roles(frozenset(Role))
        facing = Facing(people, {}, self._catalogue)
        listed: dict[DeploymentId, Line] = {}
        everywhere = partial(self._deployments.store.everywhere, CONTAINER, _HEAD, limit=_AT_ONCE)
        async for page in pages(everywhere):
            found = [DeploymentId(one.body["id"]) for one in page.documents]
            noted = await asyncio.gather(*(self._noted(id, facing) for id in found))
            lines = (self._past_line(one) for one in noted if one)
            listed |= {line.deployment: line for line in lines}
        return Reindexed(len(listed), await self._tidied(listed))

    async def _noted(self, id: DeploymentId, facing: Facing) -> Summary | None:
        """What its lines say now; None when it is another organisation's."""
        while True:
            loaded = await self._deployments.loaded(id)
            if not is_of(self._deployments.organisation, loaded.deployment.steps[0].workspace):
                return None
            await self._deployments.index.list(loaded.deployment)
            summary = summarised(loaded.deployment, facing)
            await self._deployments.index.note(summary, loaded.version)
            if (await self._deployments.loaded(id)).version == loaded.version:
                return summary

    def _past_line(self, summary: Summary) -> Line:
        return past_line(self._deployments.organisation, summary.asked_at, summary.id)

    async def _tidied(self, listed: Mapping[DeploymentId, Line]) -> int:
        """How many lines were removed; `listed` has the line of each deployment that was found."""
        removed, index = 0, self._deployments.index
        async for line in index.lines():
            if await self._is_wrong(line, listed):
                await index.remove(line)
                removed += 1
        return removed

    async def _is_wrong(self, line: Line, listed: Mapping[DeploymentId, Line]) -> bool:
        if line.deployment in listed:
            return line.is_past and line != listed[line.deployment]
        try:
            await self._deployments.store.get(CONTAINER, line.deployment, _HEAD)
        except NotFound:
            return True
        return False
