"""`ports.Inventory` on Azure: asks Resource Manager and Databricks, past any Terraform state."""

import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from approvals.change import ResourceChange
from orchestration.adapters.azure.arm import ResourceManager
from orchestration.adapters.azure.databricks import DATABRICKS, Databricks
from orchestration.adapters.azure.resource_ids import GROUP_API, KINDS, Place, around, places
from orchestration.errors import TemporaryError
from orchestration.ports import Import, WorkspaceId

TAG = "signoff-workspace"
_GROUP, _ROLE = "azurerm_resource_group", "azurerm_role_assignment"
_ROLES_API = "2022-04-01"
_ROLES = "providers/Microsoft.Authorization"
_BUSY = ("accepted", "creating", "deleting", "moving", "resolvingdns", "running", "updating")
_log = logging.getLogger(__name__)


class AzureInventory:
    """What is not known of a resource before it exists, such as the id of its parent, is taken from
    what is found in the same round. With several candidates nothing is: adopting would be guessing.
    """

    def __init__(self, manager: ResourceManager, databricks: Databricks, subscription: str) -> None:
        self._manager = manager
        self._databricks = databricks
        self._subscription = subscription

    async def find(
        self, workspace: WorkspaceId, creates: Sequence[ResourceChange]
    ) -> tuple[Import, ...]:
        """Raises: TemporaryError, PermanentError - Azure does not say; nothing may be concluded."""
        look = _Look(self._manager, self._databricks, self._subscription, workspace)
        found = {}
        for wanted in sorted(creates, key=_order):
            if id := await look.up(wanted):
                found[wanted.address] = Import(wanted.address, id)
        return tuple(found[each.address] for each in creates if each.address in found)


def _order(wanted: ResourceChange) -> int:
    """Parents first."""
    if wanted.type == _GROUP:
        return 0
    kind = KINDS.get(wanted.type)
    return 3 if kind is None else 2 if kind.parent else 1


@dataclass(slots=True)
class _Look:
    """One round: what is asked for twice is asked once."""

    manager: ResourceManager
    databricks: Databricks
    subscription: str
    workspace: WorkspaceId
    found: dict[str, list[str]] = field(default_factory=dict)
    seen: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)

    async def up(self, wanted: ResourceChange) -> str | None:
        """Its id, if it is there and ours."""
        known = {one.path: one.after for one in wanted.attributes if is_known(one.after)}
        taken = self.found.setdefault(wanted.type, [])
        ids = {id async for id in self._candidates(wanted.type, known)} - {*taken}
        if len(ids) != 1:
            return None
        taken.extend(ids)
        return taken[-1]

    async def _candidates(self, type: str, known: Mapping[str, Any]) -> AsyncIterator[str]:
        if type in DATABRICKS:
            if id := await self._in_databricks(type, known):
                yield id
        elif type == _ROLE:
            for scope in [known["scope"]] if "scope" in known else self._made():
                for id in await self._assignments(scope, known):
                    yield id
        elif type == _GROUP or type in KINDS:
            for place in places(type, known, self.subscription, self.found):
                if await self._is_there_and_ours(place):
                    yield place.id
        else:
            _log.warning("inventory.unknown_type", extra={"fields": {"type": type}})

    def _made(self) -> Iterator[str]:
        """What a role can have been given on."""
        for type, ids in self.found.items():
            if type == _GROUP or (type in KINDS and not KINDS[type].parent):
                yield from ids

    async def _is_there_and_ours(self, place: Place) -> bool:
        """Raises: TemporaryError - it is being made, changed or removed."""
        there = await self._seen(place)
        if there is None or not await self._is_ours(place):
            return False
        state = str((there.get("properties") or {}).get("provisioningState") or "")
        if state.lower() in _BUSY:
            raise TemporaryError(f"Azure is not done with {place.id}: {state}", retry_after_s=30.0)
        return True

    async def _is_ours(self, *nearest: Place) -> bool:
        """Its own tag says so, or that of the nearest that it lies in and that has one."""
        for place in (*nearest, *around(nearest[0].id)):
            there = await self._seen(place) if place.api else None
            tags = (there or {}).get("tags") or {}
            if TAG in tags:
                return bool(tags[TAG] == self.workspace)
        return False

    async def _seen(self, place: Place) -> Mapping[str, Any] | None:
        if place.id not in self.seen:
            self.seen[place.id] = await self.manager.get(place.id, place.api)
        return self.seen[place.id]

    async def _assignments(self, scope: str, known: Mapping[str, Any]) -> list[str]:
        """Those on exactly that scope, of the role and, if it is known, to the principal."""
        role = known.get("role_definition_name")
        if not role or not await self._is_ours(Place(f"{scope}/{_ROLES}/roleAssignments/any", "")):
            return []
        asked = {"$filter": "roleName eq '{}'".format(role.replace("'", "''"))}
        roles = await self.manager.list(f"{scope}/{_ROLES}/roleDefinitions", _ROLES_API, **asked)
        guids = {_last(one["id"]) for one in roles}
        at = {"$filter": "atScope()"}
        all = await self.manager.list(f"{scope}/{_ROLES}/roleAssignments", _ROLES_API, **at)
        return [
            str(one["id"])
            for one in all
            if one["properties"]["scope"].lower() == scope.lower()
            and _last(one["properties"]["roleDefinitionId"]) in guids
            and known.get("principal_id") in (None, one["properties"]["principalId"])
        ]

    async def _in_databricks(self, type: str, known: Mapping[str, Any]) -> str | None:
        """In the one Databricks workspace that is tagged as ours."""
        filter = f"tagName eq '{TAG}' and tagValue eq '{self.workspace}'"
        base = f"/subscriptions/{self.subscription}/resources"
        kind = KINDS["azurerm_databricks_workspace"]
        tagged = await self.manager.list(base, GROUP_API, **{"$filter": filter})
        ids = {str(one["id"]) for one in tagged if one["type"].lower() == kind.path.lower()}
        ids |= set(self.found.get("azurerm_databricks_workspace", ()))
        by_lower = {id.lower(): id for id in ids}
        if len(by_lower) != 1:
            return None
        place = Place(next(iter(by_lower.values())), kind.api)
        if not await self._is_there_and_ours(place):
            return None
        there = await self._seen(place) or {}
        url = str(there["properties"].get("workspaceUrl") or "")
        return await self.databricks.find(type, known, TAG, self.workspace, place.id, url)


def is_known(value: object) -> bool:
    return isinstance(value, str) and value != "" and not value.startswith(("(", "${"))


def _last(id: str) -> str:
    return id.rpartition("/")[2].lower()
