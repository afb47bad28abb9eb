"""What the real azurerm provider and Azure refuse before anything is made.

Source: `validate` packages of terraform-provider-azurerm; naming rules and restrictions for Azure
resources, https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from orchestration.sandbox.planning import normal_location


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: str
    message: str


_NAMES = {
    "azurerm_resource_group": _Rule(
        r"(?=.{1,90}$)[-\w._()]*[-\w_()]",
        "may only contain alphanumeric characters, dash, underscores, parentheses and periods,"
        " cannot end with a period and must be at most 90 characters",
    ),
    "azurerm_databricks_workspace": _Rule(
        r"[a-zA-Z0-9]{2}[-a-zA-Z0-9_]{0,61}[a-zA-Z0-9]",
        "can contain only alphanumeric characters, underscores, and hyphens, must be 3 - 64"
        " characters in length; first, second, and last characters must be a letter or number",
    ),
    "azurerm_storage_account": _Rule(
        r"[a-z0-9]{3,24}",
        "can only consist of lowercase letters and numbers, and must be between 3 and 24"
        " characters long",
    ),
    "azurerm_storage_container": _Rule(
        r"\$root|\$web|\$logs|(?=.{3,63}$)(?!.*--)[a-z0-9][a-z0-9-]*[a-z0-9]",
        "only lowercase alphanumeric characters and hyphens allowed, no two hyphens in a row, must"
        " start and end with a letter or number and be between 3 and 63 characters",
    ),
    "azurerm_storage_data_lake_gen2_filesystem": _Rule(
        r"\$root|(?=.{3,63}$)(?!.*--)[a-z0-9][a-z0-9-]*[a-z0-9]",
        "only lowercase alphanumeric characters and hyphens allowed, no two hyphens in a row, must"
        " start and end with a letter or number and be between 3 and 63 characters",
    ),
    "azurerm_cognitive_account": _Rule(
        r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,63}",
        "can only start with an alphanumeric character, must only contain alphanumeric characters,"
        " periods, dashes or underscores, and be 2 to 64 characters long",
    ),
    "azurerm_cognitive_deployment": _Rule(
        r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9]",
        "must start and end with an alphanumeric character and be 2 to 64 characters long",
    ),
    "azurerm_key_vault": _Rule(
        r"(?=.{3,24}$)(?!.*--)[a-zA-Z][a-zA-Z0-9-]*[a-zA-Z0-9]",
        "may only contain alphanumeric characters and dashes and must be between 3-24 chars",
    ),
}

_CHOICES = {
    ("azurerm_databricks_workspace", "sku"): ("standard", "premium", "trial"),
    ("azurerm_storage_account", "account_tier"): ("Standard", "Premium"),
    ("azurerm_storage_account", "account_replication_type"): (
        "LRS", "ZRS", "GRS", "RAGRS", "GZRS", "RAGZRS",
    ),
    ("azurerm_storage_account", "min_tls_version"): ("TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"),
    ("azurerm_storage_account", "access_tier"): ("Hot", "Cool", "Cold", "Premium"),
    ("azurerm_storage_container", "container_access_type"): ("blob", "container", "private"),
    ("azurerm_cognitive_account", "sku_name"): (
        "C2", "C3", "C4", "D3", "DC0", "E0", "F0", "F1", "P0", "P1", "P2", "S", "S0", "S1", "S2",
        "S3", "S4", "S5", "S6",
    ),
    ("azurerm_key_vault", "sku_name"): ("standard", "premium"),
}  # fmt: skip

# Source: `az account list-locations`, physical regions of the public cloud.
REGIONS = frozenset(files("orchestration.sandbox").joinpath("regions.txt").read_text().split())


def problems(type_: str, configuration: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Attribute and message of everything the provider would refuse; unknown values pass."""
    rule = _NAMES.get(type_)
    name = configuration.get("name")
    if rule and isinstance(name, str) and not re.fullmatch(rule.pattern, name, re.ASCII):
        yield "name", f'name ("{name}") {rule.message}'
    for (of, attribute), choices in _CHOICES.items():
        value = configuration.get(attribute)
        if of == type_ and isinstance(value, str) and value not in choices:
            allowed = " ".join(f'"{choice}"' for choice in choices)
            yield attribute, f"expected {attribute} to be one of [{allowed}], got {value}"


def region_problem(attributes: dict[str, Any]) -> str:
    """What Azure answers to a location it does not have, or ""."""
    location = attributes.get("location")
    if not isinstance(location, str) or normal_location(location) in REGIONS | {"global"}:
        return ""
    return (
        "LocationNotAvailableForResourceType: The provided location"
        f" '{location}' is not available for this resource type."
    )
