"""Two worlds in which things of the shipped templates exist: the sandbox, and Azure's double."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from orchestration.adapters.azure.arm import Answers, ResourceManager
from orchestration.adapters.azure.databricks import Databricks
from orchestration.adapters.azure.inventory import AzureInventory
from orchestration.adapters.sandbox_inventory import SandboxInventory
from orchestration.ports import Inventory
from orchestration.sandbox.cloud import Cloud, CloudObject
from tests.doubles.arm import (
    ARM_HOST,
    SUBSCRIPTION,
    WORKSPACE_HOST,
    ManagerDouble,
)
from tests.doubles.certificates import Certificate
from tests.doubles.key_vault import Person

GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
TAG = "signoff-workspace"
READER = "Storage Blob Data Reader"
DATABRICKS_WORKSPACE = f"{GROUPS}/rg/providers/Microsoft.Databricks/workspaces/dbw"


class World(Protocol):
    inventory: Inventory

    def put(self, type: str, id: str, tag: str | None, **attributes: Any) -> str: ...

    def assign(self, scope: str, principal: str) -> str: ...

    def databricks(self, type: str, id: str, name: str, tag: str | None) -> str: ...


class InSandbox:
    def __init__(self, root: Path) -> None:
        self._cloud = Cloud(root)
        self.inventory: Inventory = SandboxInventory(root)

    def put(self, type: str, id: str, tag: str | None, **attributes: Any) -> str:
        told = {"name": id.rpartition("/")[2], **attributes, **_tagged("tags", tag)}
        self._cloud.create(CloudObject(id, type, told))
        return id

    def assign(self, scope: str, principal: str) -> str:
        id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{principal}"
        told = {"scope": scope, "principal_id": principal, "role_definition_name": READER}
        self._cloud.create(CloudObject(id, "azurerm_role_assignment", told))
        return id

    def databricks(self, type: str, id: str, name: str, tag: str | None) -> str:
        named = "name" if type == "databricks_cluster_policy" else f"{type[11:]}_name"
        told = {named: name, **_tagged("custom_tags", tag)}
        self._cloud.create(CloudObject(id, type, told, parent=DATABRICKS_WORKSPACE))
        return id


class InAzure:
    def __init__(self, double: ManagerDouble, inventory: Inventory) -> None:
        self._double = double
        self.inventory = inventory
        double.roles = {READER: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "Owner": "8e3af657"}
        double.workspace_id = DATABRICKS_WORKSPACE

    def put(self, type: str, id: str, tag: str | None, **_: Any) -> str:
        own = {"properties": {"provisioningState": "Succeeded", "workspaceUrl": WORKSPACE_HOST}}
        return self._double.put(id, **own, **_tagged("tags", tag))

    def assign(self, scope: str, principal: str) -> str:
        self._double.assign(f"/subscriptions/{SUBSCRIPTION}", READER, principal, "inherited")
        self._double.assign(scope, "Owner", principal, "another-role")
        return self._double.assign(scope, READER, principal, principal)

    def databricks(self, type: str, id: str, name: str, tag: str | None) -> str:
        rows, of = {
            "databricks_cluster": ("clusters", "cluster"),
            "databricks_instance_pool": ("instance_pools", "instance_pool"),
            "databricks_cluster_policy": ("policies", "policy"),
        }[type]
        named = "name" if of == "policy" else f"{of}_name"
        row = {f"{of}_id": id, named: name, **_tagged("custom_tags", tag)}
        self._double.inside.setdefault(rows, []).append(row)
        return id


def _tagged(attribute: str, tag: str | None) -> Mapping[str, Any]:
    return {attribute: {TAG: tag, "owner": "ana"}} if tag else {}


@asynccontextmanager
async def azure(folder: Path, double: ManagerDouble) -> AsyncIterator[AzureInventory]:
    certificate = Certificate.made(folder, ARM_HOST, WORKSPACE_HOST)
    async with double.reached(certificate) as http:
        answers = Answers(http, Person())
        yield AzureInventory(ResourceManager(answers), Databricks(answers), SUBSCRIPTION)


@asynccontextmanager
async def world(kind: str, folder: Path) -> AsyncIterator[World]:
    if kind == "sandbox":
        yield InSandbox(folder)
        return
    double = ManagerDouble()
    async with azure(folder, double) as inventory:
        yield InAzure(double, inventory)
