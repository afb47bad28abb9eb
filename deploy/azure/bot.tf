# The Bot Framework's credentials of a managed identity work in Container Apps, not with workload identity.
locals {
  teams_app_id = var.kubernetes == null ? azurerm_user_assigned_identity.this["serve"].client_id : var.kubernetes.teams_app_id
}

resource "azurerm_bot_service_azure_bot" "this" {
  name                = "bot-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = "global"
  tags                = local.tags
  sku                 = "S1"
  display_name        = "Signoff"
  endpoint            = "${local.public_url}/api/messages"

  microsoft_app_type      = var.kubernetes == null ? "UserAssignedMSI" : "SingleTenant"
  microsoft_app_id        = local.teams_app_id
  microsoft_app_msi_id    = var.kubernetes == null ? azurerm_user_assigned_identity.this["serve"].id : null
  microsoft_app_tenant_id = data.azurerm_client_config.current.tenant_id

  local_authentication_enabled = false
  streaming_endpoint_enabled   = false
}

resource "azurerm_bot_channel_ms_teams" "this" {
  bot_name            = azurerm_bot_service_azure_bot.this.name
  resource_group_name = azurerm_bot_service_azure_bot.this.resource_group_name
  location            = azurerm_bot_service_azure_bot.this.location
}
