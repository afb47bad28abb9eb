resource "azurerm_resource_group" "this" {
  name     = var.resource_group
  location = var.location
  tags     = var.tags
}

resource "azurerm_databricks_workspace" "this" {
  name                          = var.workspace_name
  resource_group_name           = azurerm_resource_group.this.name
  location                      = azurerm_resource_group.this.location
  sku                           = var.sku
  public_network_access_enabled = var.public_network_access

  # Users and Terraform reach the workspace by private link; its nodes still reach the control plane.
  network_security_group_rules_required = "AllRules"

  custom_parameters {
    no_public_ip = var.no_public_ip
  }

  tags = var.tags
}

resource "azurerm_databricks_access_connector" "this" {
  name                = var.access_connector_name
  resource_group_name = azurerm_resource_group.this.name
  location            = azurerm_resource_group.this.location

  identity {
    type = "SystemAssigned"
  }

  tags = var.tags
}

resource "databricks_instance_pool" "this" {
  instance_pool_name                    = var.pool_name
  node_type_id                          = var.node_type
  min_idle_instances                    = 0
  max_capacity                          = var.max_workers + 1
  idle_instance_autotermination_minutes = 15
  preloaded_spark_versions              = [var.spark_version]

  azure_attributes {
    availability = "ON_DEMAND_AZURE"
  }

  custom_tags = var.tags
}

resource "databricks_cluster_policy" "this" {
  name = var.cluster_name

  definition = jsonencode({
    "instance_pool_id"        = { type = "fixed", value = databricks_instance_pool.this.id, hidden = true }
    "spark_version"           = { type = "fixed", value = var.spark_version }
    "autoscale.min_workers"   = { type = "range", maxValue = var.min_workers }
    "autoscale.max_workers"   = { type = "range", maxValue = var.max_workers }
    "autotermination_minutes" = { type = "fixed", value = var.autotermination_minutes }
  })
}

resource "databricks_cluster" "this" {
  cluster_name            = var.cluster_name
  policy_id               = databricks_cluster_policy.this.id
  instance_pool_id        = databricks_instance_pool.this.id
  spark_version           = var.spark_version
  autotermination_minutes = var.autotermination_minutes

  autoscale {
    min_workers = var.min_workers
    max_workers = var.max_workers
  }

  custom_tags = var.tags
}
