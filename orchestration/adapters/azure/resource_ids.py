"""Which ids a resource can have in Azure that Terraform is about to create.

`KINDS` has every `azurerm` type of the shipped templates; a test holds it to them.

Source: Azure Resource Manager, "resource ID"; the import ids in the azurerm provider's documents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

GROUP_API = "2021-04-01"


@dataclass(frozen=True, slots=True)
class Kind:
    """A resource that is named in its group or, with `parent`, in another resource."""

    path: str
    """What stands between the group or the parent and the name."""
    api: str
    parent: str = ""
    """The attribute that holds the parent's id."""
    parent_type: str = ""


KINDS = {
    "azurerm_storage_account": Kind("Microsoft.Storage/storageAccounts", "2023-05-01"),
    "azurerm_cognitive_account": Kind("Microsoft.CognitiveServices/accounts", "2023-05-01"),
    "azurerm_databricks_workspace": Kind("Microsoft.Databricks/workspaces", "2024-05-01"),
    "azurerm_databricks_access_connector": Kind(
        "Microsoft.Databricks/accessConnectors", "2024-05-01"
    ),
    "azurerm_storage_container": Kind(
        "blobServices/default/containers",
        "2023-05-01",
        "storage_account_id",
        "azurerm_storage_account",
    ),
    "azurerm_cognitive_deployment": Kind(
        "deployments", "2023-05-01", "cognitive_account_id", "azurerm_cognitive_account"
    ),
}
_APIS = {kind.path.lower(): kind.api for kind in KINDS.values() if not kind.parent}


@dataclass(frozen=True, slots=True)
class Place:
    """Something that can be asked for."""

    id: str
    api: str


def group(subscription: str, name: str) -> Place:
    return Place(f"/subscriptions/{subscription}/resourceGroups/{name}", GROUP_API)


def places(
    type: str, known: Mapping[str, Any], subscription: str, found: Mapping[str, Sequence[str]]
) -> list[Place]:
    """Where it can be. `known` are its attributes that are known; `found` are ids by type of what
    has been found already, among which an unknown parent is."""
    name = known.get("name")
    if not name:
        return []
    if type == "azurerm_resource_group":
        return [group(subscription, name)]
    kind = KINDS[type]
    if kind.parent:
        parents = [known[kind.parent]] if kind.parent in known else found.get(kind.parent_type, ())
        return [Place(f"{parent}/{kind.path}/{name}", kind.api) for parent in parents]
    if "resource_group_name" not in known:
        return []
    base = group(subscription, known["resource_group_name"]).id
    return [Place(f"{base}/providers/{kind.path}/{name}", kind.api)]


def around(id: str) -> list[Place]:
    """What it lies in that can have a tag, the nearest first; nothing for what is no id."""
    parts = id.split("/")
    if len(parts) < 7 or parts[3].lower() != "resourcegroups":
        return []
    own_group = Place("/".join(parts[:5]), GROUP_API)
    top = "/".join(parts[:9])
    api = _APIS.get("/".join(parts[6:8]).lower()) if len(parts) > 9 else None
    return [Place(top, api), own_group] if api else [own_group]
