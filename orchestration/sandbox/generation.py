"""Plausible values for what only the cloud knows: the same ones for the same object."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orchestration.sandbox.cloud import name_of
from orchestration.sandbox.schema import Block, sensitive
from orchestration.sandbox.values import UNKNOWN, has_unknown

TENANT = "11111111-1111-1111-1111-111111111111"


@dataclass(frozen=True, slots=True)
class Origin:
    """What generated values depend on."""

    type: str
    attributes: dict[str, Any]
    subscription: str

    @property
    def name(self) -> str:
        return name_of(self.attributes) or self.type

    def digest(self, *more: str) -> str:
        group = str(self.attributes.get("resource_group_name"))
        return hashlib.sha256("|".join((self.type, self.name, group, *more)).encode()).hexdigest()

    def digits(self, what: str, below: int) -> int:
        return int(self.digest(what), 16) % below


def fill(block: Block, value: dict[str, Any], origin: Origin) -> dict[str, Any]:
    """The value with every unknown replaced."""
    out = dict(value)
    for name, attribute in block.get("attributes", {}).items():
        if has_unknown(value.get(name)):
            out[name] = generate(name, attribute["type"], origin)
    for name, nested in block.get("block_types", {}).items():
        match value.get(name):
            case list(items):
                out[name] = [fill(nested["block"], item, origin) for item in items]
            case dict(item):
                out[name] = fill(nested["block"], item, origin)
            case found if found is UNKNOWN:
                out[name] = []
    return out


def generate(name: str, type_: Any, origin: Origin) -> Any:
    """A value of the type for an attribute of that name."""
    match type_:
        case "bool":
            return name.endswith("_enabled")
        case "number":
            return 0
        case "dynamic":
            return None
        case ["map", _]:
            return {}
        case ["object", dict(fields)]:
            return {key: generate(key, inner, origin) for key, inner in fields.items()}
        case [_, ["object", _] as inner] if "identity" in name:
            return [generate(name, inner, origin)]
        case list():
            return []
    return _text(name, origin)


def _text(name: str, origin: Origin) -> str:
    if name in _KNOWN:
        return _KNOWN[name](origin)
    if name.endswith(("principal_id", "client_id", "object_id", "_guid", "immutable_id")):
        return str(UUID(origin.digest(name)[:32]))
    if sensitive(name):
        return base64.b64encode(bytes.fromhex(origin.digest(name))).decode()
    if origin.type == "azurerm_storage_account" and name.endswith(("_endpoint", "_host")):
        return _storage(name, origin)
    if name.endswith(("endpoint", "_url", "_uri")):
        return f"https://{origin.name}.sandbox.example/{name.replace('_', '-')}"
    if name.endswith("_host"):
        return f"{origin.name}.sandbox.example"
    return f"sandbox-{origin.digest(name)[:8]}"


def _storage(name: str, origin: Origin) -> str:
    place, service, *_ = name.split("_")
    suffix = "-secondary" if place == "secondary" else ""
    host = f"{origin.name}{suffix}.{service}.core.windows.net"
    return f"https://{host}/" if name.endswith("_endpoint") else host


def _cognitive_endpoint(origin: Origin) -> str:
    host = origin.attributes.get("custom_subdomain_name") or origin.name
    return f"https://{host}.openai.azure.com/"


def _managed_group(origin: Origin) -> str:
    return f"databricks-rg-{origin.name}-{origin.digest('managed')[:13]}"


def _workspace_number(origin: Origin) -> str:
    return f"{origin.digits('workspace', 10**16):016d}"


_KNOWN: dict[str, Callable[[Origin], str]] = {
    "endpoint": _cognitive_endpoint,
    "location": lambda _: "eastus",
    "managed_resource_group_name": _managed_group,
    "managed_resource_group_id": lambda o: (
        f"/subscriptions/{o.subscription}/resourceGroups/{_managed_group(o)}"
    ),
    "state": lambda _: "RUNNING",
    "tenant_id": lambda _: TENANT,
    "workspace_id": _workspace_number,
    "workspace_url": lambda o: (
        f"adb-{_workspace_number(o)}.{o.digits('shard', 20)}.azuredatabricks.net"
    ),
}
