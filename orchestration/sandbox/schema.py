"""The schemas of the real providers, read from the data files beside this module."""

import gzip
import json
import re
from importlib.resources import files
from typing import Any, TypeAlias

from orchestration.sandbox.wire import Message

Block: TypeAlias = dict[str, Any]
"""`attributes` and `block_types` as in `terraform providers schema -json`."""

SOURCES = {"azurerm": "hashicorp/azurerm", "databricks": "databricks/databricks"}

_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}

# The packages the schemas come from do not say what is sensitive; the providers' documents do.
_SENSITIVE = re.compile(
    r"(password|secret|(primary|secondary)_(access_|shared_|readonly_)?key$|connection_string"
    r"|^sas_token|token_value|admin_key|instrumentation_key|search_service_key"
    r"|storage_(account_access_)?key$|custom_data$)"
)
_HARMLESS = re.compile(r"(secret_id|secret_permissions|disable_password|_wo_version)")

# What forces a new resource, where the extracted facts are silent.
_REPLACES = {
    "azurerm_storage_container": ["storage_account_id", "storage_account_name"],
    "azurerm_storage_account_network_rules": ["storage_account_id"],
    "databricks_instance_pool": ["node_type_id", "enable_elastic_disk"],
    "databricks_secret_scope": ["name"],
    "databricks_notebook": ["path"],
}


class Schema:
    """What one provider knows about its resources and data sources."""

    def __init__(self, provider: str) -> None:
        packed = files("orchestration.sandbox").joinpath(f"schemas/{provider}.json.gz")
        content = json.loads(gzip.decompress(packed.read_bytes()))
        self.provider = provider
        self.version: str = content["version"]
        self.configuration: Block = content["provider"]["block"]
        self.resources = {k: v["block"] for k, v in content["resource_schemas"].items()}
        self.data_sources = {k: v["block"] for k, v in content["data_source_schemas"].items()}
        self._hints: dict[str, Any] = content.get("hints", {})

    def defaults(self, type_: str) -> dict[str, Any]:
        """The values a provider fills in for what the configuration leaves out."""
        found: dict[str, Any] = self._hints.get("defaults", {}).get(type_, {})
        return found

    def replacing(self, type_: str) -> list[str]:
        """The attributes whose change makes a new resource."""
        known: list[str] = self._hints.get("force_new", {}).get(type_, [])
        if not known and self.provider == "azurerm":
            known = ["name", "location", "resource_group_name"]
        return sorted({*known, *_REPLACES.get(type_, ())})

    def message(self) -> Message:
        """The answer to GetProviderSchema."""
        return {
            "provider": {"block": _block(self.configuration, "")},
            "resource_schemas": _entries(self.resources),
            "data_source_schemas": _entries(self.data_sources),
            "server_capabilities": CAPABILITIES,
        }


CAPABILITIES: Message = {"plan_destroy": True, "get_provider_schema_optional": True}


def sensitive(attribute: str, type_: str = "") -> bool:
    """Whether the provider marks the attribute as sensitive."""
    if (type_, attribute) == ("azurerm_key_vault_secret", "value"):
        return True
    return bool(_SENSITIVE.search(attribute)) and not _HARMLESS.search(attribute)


def conform(block: Block, value: dict[str, Any] | None) -> dict[str, Any] | None:
    """The value with exactly the keys of the block."""
    if value is None:
        return None
    out = {name: value.get(name) for name in block.get("attributes", {})}
    for name, nested in block.get("block_types", {}).items():
        inner = value.get(name)
        if nested["nesting_mode"] in ("list", "set"):
            out[name] = [conform(nested["block"], item) for item in inner or []]
        else:
            out[name] = conform(nested["block"], inner)
    return out


def _entries(blocks: dict[str, Block]) -> list[Message]:
    return [{"key": k, "value": {"block": _block(block, k)}} for k, block in blocks.items()]


def _block(block: Block, type_: str) -> Message:
    return {
        "attributes": [
            _attribute(name, attribute, type_)
            for name, attribute in block.get("attributes", {}).items()
        ],
        "block_types": [
            _nested(name, nested) for name, nested in block.get("block_types", {}).items()
        ],
    }


def _attribute(name: str, attribute: dict[str, Any], type_: str) -> Message:
    return {
        **{flag: attribute.get(flag, False) for flag in ("required", "optional", "computed")},
        "name": name,
        "type": json.dumps(attribute["type"], separators=(",", ":")).encode(),
        "sensitive": sensitive(name, type_),
    }


def _nested(name: str, nested: dict[str, Any]) -> Message:
    return {
        "type_name": name,
        "block": _block(nested["block"], ""),
        "nesting": _NESTING[nested["nesting_mode"]],
        "min_items": nested.get("min_items", 0),
        "max_items": nested.get("max_items", 0),
    }
