"""What data sources answer."""

from typing import Any

from orchestration.sandbox.cloud import Cloud
from orchestration.sandbox.generation import TENANT

_LOOKED_UP_BY = ("name", "resource_group_name", "cluster_name", "virtual_network_name")


class NotThere(Exception):
    """What was looked up does not exist."""


def read(type_: str, wanted: dict[str, Any], cloud: Cloud, subscription: str) -> dict[str, Any]:
    """The attributes that are not left to chance.

    Raises: NotThere.
    """
    match type_:
        case "azurerm_client_config":
            return {**_CLIENT, "subscription_id": subscription}
        case "azurerm_subscription":
            return {"id": f"/subscriptions/{subscription}", "subscription_id": subscription}
        case "databricks_node_type":
            return {"id": node_type(wanted)}
        case "databricks_spark_version":
            return {"id": spark_version(wanted)}
        case "databricks_current_user":
            return {"user_name": "sandbox@example.com", "id": "1"}
        case "azurerm_role_definition":
            return {}
    return _existing(type_, wanted, cloud)


def node_type(wanted: dict[str, Any]) -> str:
    """The smallest node type that satisfies the request.

    Source: https://learn.microsoft.com/azure/virtual-machines/sizes (Ddsv5, NCasT4_v3)
    """
    if wanted.get("min_gpus"):
        return "Standard_NC4as_T4_v3"
    cores = wanted.get("min_cores") or 0
    memory = (wanted.get("min_memory_gb") or 0) / 4
    return next(
        (f"Standard_D{size}ds_v5" for size in (4, 8, 16, 32, 64) if size >= max(cores, memory)),
        "Standard_D96ds_v5",
    )


def spark_version(wanted: dict[str, Any]) -> str:
    """The newest long-term-support runtime of the flavour asked for.

    Source: https://learn.microsoft.com/azure/databricks/release-notes/runtime/
    """
    if wanted.get("ml"):
        return f"16.4.x-{'gpu' if wanted.get('gpu') else 'cpu'}-ml-scala2.12"
    return "16.4.x-photon-scala2.12" if wanted.get("photon") else "16.4.x-scala2.12"


def _existing(type_: str, wanted: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    keys = {k: v for k, v in wanted.items() if k in _LOOKED_UP_BY and isinstance(v, str)}
    for found in cloud.all():
        if found.type == type_ and all(found.attributes.get(k) == v for k, v in keys.items()):
            return found.attributes
    raise NotThere(f"{type_} {keys} was not found")


_CLIENT = {
    "id": "sandbox",
    "tenant_id": TENANT,
    "client_id": TENANT.replace("1", "2"),
    "object_id": TENANT.replace("1", "3"),
}
