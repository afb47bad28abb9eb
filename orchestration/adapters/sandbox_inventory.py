"""`ports.Inventory` for the sandbox: looks into the simulated cloud, past any Terraform state.

The sandbox is a stranger: what exists is read from its files, ROOT/cloud/objects/*.json.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from approvals.change import ResourceChange
from orchestration.ports import Import, WorkspaceId

TAG = "signoff-workspace"

# How an object is recognised: by what makes it unique where it lives.
_UNIQUE_BY = {
    "azurerm_role_assignment": ("role_definition_name", "principal_id", "scope"),
    "azurerm_storage_account_network_rules": ("storage_account_id",),
    "databricks_cluster": ("cluster_name",),
    "databricks_instance_pool": ("instance_pool_name",),
}
_NAME = ("name", "resource_group_name", "storage_account_id", "cognitive_account_id")


@dataclass(frozen=True, slots=True)
class Found:
    """One object of the sandbox."""

    id: str
    type: str
    attributes: Mapping[str, Any]
    parent: str
    created: float


class SandboxInventory:
    """What exists twice under one name (Databricks allows it) is the older one.

    A child whose parent is not in the state yet, and that has a namesake in another parent, is
    found once the parent has been adopted: ask again after each round until nothing more comes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def find(
        self, workspace: WorkspaceId, creates: Sequence[ResourceChange]
    ) -> tuple[Import, ...]:
        objects = _look(self._root)
        ours = owned(workspace, objects)
        found = []
        for wanted in creates:
            if match := _oldest(wanted, ours):
                found.append(Import(wanted.address, match.id))
                ours = [one for one in ours if one is not match]
        return tuple(found)


def _look(root: Path) -> list[Found]:
    files = (root / "cloud" / "objects").glob("*.json")
    return [Found(**json.loads(path.read_text())) for path in files]


def owned(workspace: WorkspaceId, objects: Sequence[Found]) -> list[Found]:
    """What carries the workspace's tag, and what has none but lives in something that does."""
    tags = {one.id.lower(): tag for one in objects if (tag := _tag(one)) is not None}
    ours = (one for one in objects if (_tag(one) or _tag_around(one, tags)) == workspace)
    return sorted(ours, key=lambda one: (one.created, one.id))


def _oldest(wanted: ResourceChange, ours: Iterable[Found]) -> Found | None:
    values = {one.path: one.after for one in wanted.attributes}
    keys = _UNIQUE_BY.get(wanted.type, _NAME)
    known = {key: values[key] for key in keys if _is_known(values.get(key))}
    matching = [one for one in ours if one.type == wanted.type and _has(one, known)]
    if len(matching) > 1 and not wanted.type.startswith("databricks_"):
        return None
    return matching[0] if matching else None


def _has(one: Found, known: Mapping[str, Any]) -> bool:
    return all(
        str(one.attributes.get(key)).lower() == str(value).lower() for key, value in known.items()
    )


def _is_known(value: object) -> bool:
    return isinstance(value, str) and value != "" and not value.startswith(("(", "${"))


def _tag(one: Found) -> str | None:
    for attribute in ("tags", "custom_tags", "metadata"):
        tags = one.attributes.get(attribute)
        if isinstance(tags, dict) and TAG in tags:
            return str(tags[TAG])
    return None


def _tag_around(one: Found, tags: Mapping[str, str]) -> str | None:
    """That of the nearest that it lives in and that has one."""
    place = f"{one.parent or one.id}/".lower()
    nearest = max((id for id in tags if place.startswith(f"{id}/")), key=len, default="")
    return tags.get(nearest)
