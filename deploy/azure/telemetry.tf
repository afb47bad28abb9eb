resource "azurerm_log_analytics_workspace" "this" {
  name                = "log-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = local.tags
  sku                 = "PerGB2018"
  retention_in_days   = 90
}

resource "azurerm_application_insights" "this" {
  name                = "appi-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = local.tags
  application_type    = "web"
  workspace_id        = azurerm_log_analytics_workspace.this.id
}

# Who opened the vault, and what the data was asked for: kept apart from Signoff's own record.
resource "azurerm_monitor_diagnostic_setting" "this" {
  for_each = {
    vault  = { id = azurerm_key_vault.this.id, logs = ["AuditEvent"] }
    cosmos = { id = azurerm_cosmosdb_account.this.id, logs = ["ControlPlaneRequests", "PartitionKeyRUConsumption", "PartitionKeyStatistics"] }
  }

  name                       = "to-${azurerm_log_analytics_workspace.this.name}"
  target_resource_id         = each.value.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id

  dynamic "enabled_log" {
    for_each = each.value.logs

    content {
      category = enabled_log.value
    }
  }
}
