"""Small configurations for the contract tests of Terraform."""

PROVIDERS = """
terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.50" }
  }
  backend "azurerm" {}
}
provider "azurerm" {
  features {}
  subscription_id = "aaaaaaaa-0000-0000-0000-000000000001"
}
"""

_DATABRICKS = '    databricks = { source = "databricks/databricks", version = "~> 1.90" }'

GROUP = """
resource "azurerm_resource_group" "this" {
  name     = "rg-ml"
  location = "East US"
  tags     = { signoff-workspace = "acme/dev/databricks/ml", owner = "ana" }
}
"""

STORAGE = """
resource "azurerm_storage_account" "this" {
  name                     = "stmldev001"
  resource_group_name      = azurerm_resource_group.this.name
  location                 = azurerm_resource_group.this.location
  account_tier             = "Standard"
  account_replication_type = "LRS"
  tags                     = { signoff-workspace = "acme/dev/databricks/ml" }
}
resource "azurerm_storage_container" "this" {
  for_each           = toset(["raw", "curated"])
  name               = each.key
  storage_account_id = azurerm_storage_account.this.id
}
output "account_id" { value = azurerm_storage_account.this.id }
output "key" {
  value     = azurerm_storage_account.this.primary_access_key
  sensitive = true
}
"""

DATABRICKS = """resource "azurerm_databricks_workspace" "this" {
  name                = "dbw-ml-dev"
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  sku                 = "premium"
  tags                = { signoff-workspace = "acme/dev/databricks/ml" }
}
provider "databricks" {
  host = "https://${azurerm_databricks_workspace.this.workspace_url}"
}
resource "databricks_cluster" "this" {
  cluster_name            = "cl-ml"
  spark_version           = "16.4.x-scala2.12"
  node_type_id            = "Standard_D4ds_v5"
  autotermination_minutes = 20
  autoscale {
    min_workers = 1
    max_workers = 4
  }
  custom_tags = { signoff-workspace = "acme/dev/databricks/ml" }
}
output "cluster_id" { value = databricks_cluster.this.id }
"""

EVERYTHING = """
data "azurerm_client_config" "me" {}
data "databricks_node_type" "this" {
  min_cores  = 8
  depends_on = [azurerm_databricks_workspace.this]
}
data "databricks_spark_version" "this" {
  ml         = true
  gpu        = true
  depends_on = [azurerm_databricks_workspace.this]
}
resource "databricks_instance_pool" "this" {
  instance_pool_name                    = "pool-ml"
  node_type_id                          = data.databricks_node_type.this.id
  min_idle_instances                    = 0
  idle_instance_autotermination_minutes = 15
  custom_tags                           = { signoff-workspace = "acme/dev/databricks/ml" }
}
resource "databricks_cluster_policy" "this" {
  name       = "policy-ml"
  definition = jsonencode({ "autotermination_minutes" = { type = "fixed", value = 20 } })
}
resource "azurerm_databricks_access_connector" "this" {
  name                = "dbac-ml"
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  identity { type = "SystemAssigned" }
}
resource "azurerm_storage_data_lake_gen2_filesystem" "this" {
  name               = "lake"
  storage_account_id = azurerm_storage_account.this.id
}
resource "azurerm_storage_account_network_rules" "this" {
  storage_account_id = azurerm_storage_account.this.id
  default_action     = "Deny"
  bypass             = ["AzureServices"]
}
resource "azurerm_role_assignment" "this" {
  scope                = azurerm_storage_account.this.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_databricks_access_connector.this.identity[0].principal_id
}
resource "azurerm_role_assignment" "me" {
  scope                = azurerm_storage_account.this.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = data.azurerm_client_config.me.object_id
}
resource "azurerm_cognitive_account" "this" {
  name                  = "oai-ml-dev"
  resource_group_name   = azurerm_resource_group.this.name
  location              = azurerm_resource_group.this.location
  kind                  = "OpenAI"
  sku_name              = "S0"
  custom_subdomain_name = "oai-ml-dev"
  tags                  = { signoff-workspace = "acme/dev/databricks/ml" }
}
resource "azurerm_cognitive_deployment" "this" {
  name                 = "gpt-4o"
  cognitive_account_id = azurerm_cognitive_account.this.id
  model {
    format  = "OpenAI"
    name    = "gpt-4o"
    version = "2024-11-20"
  }
  sku {
    name     = "Standard"
    capacity = 10
  }
}
resource "azurerm_key_vault" "this" {
  name                = "kv-ml-dev"
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location
  tenant_id           = data.azurerm_client_config.me.tenant_id
  sku_name            = "standard"
}
"""


def group() -> dict[str, str]:
    return {"provider.tf": PROVIDERS, "main.tf": GROUP}


def storage() -> dict[str, str]:
    return {"provider.tf": PROVIDERS, "main.tf": GROUP + STORAGE}


def databricks() -> dict[str, str]:
    both = PROVIDERS.replace("required_providers {", f"required_providers {{\n{_DATABRICKS}")
    return {"provider.tf": both, "main.tf": GROUP, "databricks.tf": DATABRICKS}


def everything() -> dict[str, str]:
    main = GROUP + STORAGE + EVERYTHING
    return databricks() | {"main.tf": main}
