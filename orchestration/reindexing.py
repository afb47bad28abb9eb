"""Makes the lists of deployments anew, from the deployments themselves.

It may run while everything else does: a deployment that changes meanwhile is looked at again, and a
line is removed only when its deployment is not there.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from approvals.principals import Role
from capabilities.capability import Catalogue
from orchestration.cards.facing import Facing
from orchestration.deployment import Deployment
from orchestration.deployments import Deployments
from orchestration.index import is_past, past_line
from orchestration.listing import Summary
from orchestration.ports import DeploymentId, Directory, Document, NotFound
from orchestration.records import CONTAINER
from orchestration.summaries import summarised

_HEAD = "d:head"
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Reindexed:
    listed: int
    removed: int
    """Lines of deployments that are not there, or under a time that is not theirs."""


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
        listed: dict[DeploymentId, str] = {}
        cursor: str | None = None
        while True:
            page = await self._deployments.store.everywhere(
                CONTAINER, _HEAD, cursor=cursor, limit=_AT_ONCE
            )
            found = [DeploymentId(one.body["id"]) for one in page.documents]
            noted = await asyncio.gather(*(self._noted(id, facing) for id in found))
            listed |= {
                DeploymentId(one.id): past_line(one.asked_at, one.id) for one in noted if one
            }
            cursor = page.cursor
            if cursor is None:
                return Reindexed(len(listed), await self._tidied(listed))

    async def _noted(self, id: DeploymentId, facing: Facing) -> Summary | None:
        """What its lines say now; None when it is another organisation's."""
        while True:
            deployment = await self._deployments.get(id)
            if not self._is_ours(deployment):
                return None
            summary = summarised(deployment, facing)
            await self._deployments.index.note(summary)
            if await self._deployments.get(id) == deployment:
                return summary

    def _is_ours(self, deployment: Deployment) -> bool:
        return deployment.steps[0].workspace.startswith(f"{self._deployments.organisation}/")

    async def _tidied(self, listed: Mapping[DeploymentId, str]) -> int:
        """How many lines were removed; `listed` has the line of each deployment that was found."""
        removed, cursor, index = 0, None, self._deployments.index
        while True:
            page = await index.page(cursor)
            wrong = [one.id for one in page.documents if await self._is_wrong(one, listed)]
            for line in wrong:
                await index.remove(line)
            removed += len(wrong)
            cursor = page.cursor
            if cursor is None:
                return removed

    async def _is_wrong(self, line: Document, listed: Mapping[DeploymentId, str]) -> bool:
        id = DeploymentId(line.body["deployment"])
        if id in listed:
            return is_past(line) and line.id != listed[id]
        try:
            await self._deployments.store.get(CONTAINER, id, _HEAD)
        except NotFound:
            return True
        return False
