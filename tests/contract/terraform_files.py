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


def group() -> dict[str, str]:
    return {"provider.tf": PROVIDERS, "main.tf": GROUP}


def storage() -> dict[str, str]:
    return {"provider.tf": PROVIDERS, "main.tf": GROUP + STORAGE}


def databricks() -> dict[str, str]:
    both = PROVIDERS.replace("required_providers {", f"required_providers {{\n{_DATABRICKS}")
    return {"provider.tf": both, "main.tf": GROUP, "databricks.tf": DATABRICKS}
