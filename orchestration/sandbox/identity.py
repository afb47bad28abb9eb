"""The ids that Azure and Databricks give to what is created."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

Attributes = Mapping[str, Any]

_KINDS = {
    "application_insights": "Microsoft.Insights/components",
    "bot_service_azure_bot": "Microsoft.BotService/botServices",
    "cdn_frontdoor_profile": "Microsoft.Cdn/profiles",
    "cognitive_account": "Microsoft.CognitiveServices/accounts",
    "container_app": "Microsoft.App/containerApps",
    "container_app_environment": "Microsoft.App/managedEnvironments",
    "container_registry": "Microsoft.ContainerRegistry/registries",
    "cosmosdb_account": "Microsoft.DocumentDB/databaseAccounts",
    "databricks_access_connector": "Microsoft.Databricks/accessConnectors",
    "databricks_workspace": "Microsoft.Databricks/workspaces",
    "key_vault": "Microsoft.KeyVault/vaults",
    "log_analytics_workspace": "Microsoft.OperationalInsights/workspaces",
    "machine_learning_workspace": "Microsoft.MachineLearningServices/workspaces",
    "network_security_group": "Microsoft.Network/networkSecurityGroups",
    "private_dns_zone": "Microsoft.Network/privateDnsZones",
    "private_endpoint": "Microsoft.Network/privateEndpoints",
    "public_ip": "Microsoft.Network/publicIPAddresses",
    "storage_account": "Microsoft.Storage/storageAccounts",
    "user_assigned_identity": "Microsoft.ManagedIdentity/userAssignedIdentities",
    "virtual_network": "Microsoft.Network/virtualNetworks",
}

# The attribute that holds the parent's id, and what stands between it and the name.
_CHILDREN = {
    "cdn_frontdoor_endpoint": ("cdn_frontdoor_profile_id", "afdEndpoints"),
    "cdn_frontdoor_origin": ("cdn_frontdoor_origin_group_id", "origins"),
    "cdn_frontdoor_origin_group": ("cdn_frontdoor_profile_id", "originGroups"),
    "cdn_frontdoor_route": ("cdn_frontdoor_endpoint_id", "routes"),
    "cognitive_deployment": ("cognitive_account_id", "deployments"),
    "federated_identity_credential": ("parent_id", "federatedIdentityCredentials"),
    "key_vault_key": ("key_vault_id", "keys"),
    "key_vault_secret": ("key_vault_id", "secrets"),
    "management_lock": ("scope", "providers/Microsoft.Authorization/locks"),
    "monitor_diagnostic_setting": ("target_resource_id", "diagnosticSettings"),
    "role_assignment": ("scope", "providers/Microsoft.Authorization/roleAssignments"),
    "storage_account_network_rules": ("storage_account_id", "networkRules"),
    "storage_container": ("storage_account_id", "blobServices/default/containers"),
    "storage_data_lake_gen2_filesystem": ("storage_account_id", "fileSystems"),
    "storage_management_policy": ("storage_account_id", "managementPolicies"),
}

# What there is only one of in its parent.
_SINGLE = {
    "bot_channel_ms_teams": "MsTeamsChannel",
    "storage_account_network_rules": "default",
    "storage_management_policy": "default",
}

# The kind and attribute that name a parent in the same resource group, and what follows it.
_SIBLINGS = {
    "bot_channel_ms_teams": ("bot_service_azure_bot", "bot_name", "channels"),
    "cosmosdb_sql_container": (
        "cosmosdb_account",
        "account_name",
        "sqlDatabases/{database_name}/containers",
    ),
    "cosmosdb_sql_database": ("cosmosdb_account", "account_name", "sqlDatabases"),
    "cosmosdb_sql_role_assignment": (
        "cosmosdb_account",
        "account_name",
        "sqlRoleAssignments",
    ),
    "network_security_rule": (
        "network_security_group",
        "network_security_group_name",
        "securityRules",
    ),
    "private_dns_zone_virtual_network_link": (
        "private_dns_zone",
        "private_dns_zone_name",
        "virtualNetworkLinks",
    ),
    "subnet": ("virtual_network", "virtual_network_name", "subnets"),
}


def azure_id(type_: str, attributes: Attributes, subscription: str) -> str:
    """The Azure Resource Manager id of a new object."""
    kind = type_.removeprefix("azurerm_")
    name = attributes.get("name") or _SINGLE.get(kind) or str(uuid4())
    base = f"/subscriptions/{subscription}"
    if kind == "resource_group":
        return f"{base}/resourceGroups/{name}"
    if kind in _CHILDREN:
        owner, between = _CHILDREN[kind]
        return f"{attributes.get(owner) or base}/{between}/{name}"
    if group := attributes.get("resource_group_name"):
        return f"{base}/resourceGroups/{group}/providers/{_path(kind, attributes)}/{name}"
    return f"{_any_parent(attributes) or base}/{kind}/{name}"


def _path(kind: str, attributes: Attributes) -> str:
    if kind not in _SIBLINGS:
        return _KINDS.get(kind, f"Microsoft.Sandbox/{kind}")
    parent, attribute, between = _SIBLINGS[kind]
    return f"{_KINDS[parent]}/{attributes[attribute]}/{between.format_map(attributes)}"


def _any_parent(attributes: Attributes) -> str:
    known = (v for k, v in attributes.items() if k.endswith("_id") and isinstance(v, str))
    return next((one for one in known if one.startswith("/subscriptions/")), "")


def databricks_id(type_: str, attributes: Attributes) -> str:
    """A new id: Databricks makes another object rather than refuse a name it knows."""
    make = _NAMED.get(type_)
    return make(attributes) if make else f"{time.strftime('%m%d-%H%M%S')}-{uuid4().hex[:8]}"


_NAMED: dict[str, Callable[[Attributes], str]] = {
    "databricks_secret_scope": lambda a: str(a["name"]),
    "databricks_notebook": lambda a: str(a["path"]),
    "databricks_directory": lambda a: str(a["path"]),
    "databricks_instance_pool": lambda _: f"{time.strftime('%m%d-%H%M%S')}-pool-{uuid4().hex[:8]}",
    "databricks_cluster_policy": lambda _: uuid4().hex[:16].upper(),
}

OWN_ID = {
    "databricks_cluster": "cluster_id",
    "databricks_instance_pool": "instance_pool_id",
    "databricks_cluster_policy": "policy_id",
}
"""The attribute in which a Databricks object repeats its id."""
