"""`ports.Inventory` for the sandbox: looks into the simulated cloud, past any Terraform state."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from approvals.change import ResourceChange
from orchestration.ports import Import, WorkspaceId
from orchestration.sandbox.cloud import CloudObject
from orchestration.sandbox.view import look

TAG = "signoff-workspace"

# How an object is recognised: by what makes it unique where it lives.
_UNIQUE_BY = {
    "azurerm_role_assignment": ("role_definition_name", "principal_id", "scope"),
    "azurerm_storage_account_network_rules": ("storage_account_id",),
    "databricks_cluster": ("cluster_name",),
    "databricks_instance_pool": ("instance_pool_name",),
}
_NAME = ("name", "resource_group_name")


class SandboxInventory:
    """What exists twice under one name (Databricks allows it) is the older one."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def find(
        self, workspace: WorkspaceId, creates: Sequence[ResourceChange]
    ) -> tuple[Import, ...]:
        objects = look(self._root)
        ours = owned(workspace, objects)
        found = []
        for wanted in creates:
            if match := _oldest(wanted, ours):
                found.append(Import(wanted.address, match.id))
                ours = [one for one in ours if one is not match]
        return tuple(found)


def owned(workspace: WorkspaceId, objects: Sequence[CloudObject]) -> list[CloudObject]:
    """What carries the workspace's tag, and what has no tag but lives in something that does."""
    tagged = [one for one in objects if _tag(one) == workspace]
    parents = tuple(one.id.lower() for one in tagged)
    inside = (one for one in objects if _tag(one) is None and _within(one, parents))
    return sorted([*tagged, *inside], key=lambda one: (one.created, one.id))


def _oldest(wanted: ResourceChange, ours: Iterable[CloudObject]) -> CloudObject | None:
    values = {one.path: one.after for one in wanted.attributes}
    keys = _UNIQUE_BY.get(wanted.type, _NAME)
    known = {key: values[key] for key in keys if _is_known(values.get(key))}
    if not known:
        return None
    return next((one for one in ours if one.type == wanted.type and _has(one, known)), None)


def _has(one: CloudObject, known: Mapping[str, Any]) -> bool:
    return all(
        str(one.attributes.get(key)).lower() == str(value).lower() for key, value in known.items()
    )


def _is_known(value: object) -> bool:
    return isinstance(value, str) and value != "" and not value.startswith(("(", "${"))


def _tag(one: CloudObject) -> str | None:
    for attribute in ("tags", "custom_tags", "metadata"):
        tags = one.attributes.get(attribute)
        if isinstance(tags, dict) and TAG in tags:
            return str(tags[TAG])
    return None


def _within(one: CloudObject, parents: tuple[str, ...]) -> bool:
    place = f"{one.parent or one.id}/".lower()
    return any(place.startswith(f"{parent}/") for parent in parents)
