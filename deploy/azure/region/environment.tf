resource "azurerm_resource_group" "this" {
  name     = "rg-${var.name}-${var.location}"
  location = var.location
  tags     = var.tags
}

resource "azurerm_container_app_environment" "this" {
  count = var.container_apps ? 1 : 0

  name                       = "cae-${var.name}"
  resource_group_name        = azurerm_resource_group.this.name
  location                   = var.location
  tags                       = var.tags
  logs_destination           = "log-analytics"
  log_analytics_workspace_id = var.workspace_id
  zone_redundancy_enabled    = local.networked ? var.zone_redundant : null
  infrastructure_subnet_id   = one(azurerm_subnet.apps[*].id)

  # In a network Azure gives it a name of its own if there is none, and then each plan would replace the environment.
  infrastructure_resource_group_name = local.networked ? "${azurerm_resource_group.this.name}-apps" : null

  workload_profile {
    name                  = "Consumption"
    workload_profile_type = "Consumption"
  }
}
