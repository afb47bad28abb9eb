locals {
  artifact_key = "artifacts"
}

resource "azurerm_key_vault" "this" {
  name                = "kv-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = local.tags
  tenant_id           = data.azurerm_client_config.current.tenant_id
  sku_name            = "standard"

  rbac_authorization_enabled    = true
  purge_protection_enabled      = true
  soft_delete_retention_days    = 90
  public_network_access_enabled = local.reachable

  network_acls {
    default_action = local.private ? "Deny" : "Allow"
    bypass         = "None"
    ip_rules       = local.allowed_ips
  }

  lifecycle {
    prevent_destroy = true
  }
}

# The operators put the secrets in. Nobody who runs this Terraform opens the vault.
resource "azurerm_role_assignment" "operators" {
  scope                = azurerm_key_vault.this.id
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = var.operators
  principal_type       = "Group"
}

# Wraps the key of each artifact. Made through Resource Manager, which the vault's network rules are not for, and which makes it once:
# what changes here later has to be changed in the vault too. Old versions unwrap what they wrapped, so they are never deleted.
resource "azurerm_resource_group_template_deployment" "artifact_key" {
  name                = "artifact-key"
  resource_group_name = azurerm_resource_group.this.name
  deployment_mode     = "Incremental"
  tags                = local.tags

  template_content = jsonencode({
    "$schema"      = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    contentVersion = "1.0.0.0"
    resources = [{
      type       = "Microsoft.KeyVault/vaults/keys"
      apiVersion = "2023-07-01"
      name       = "${azurerm_key_vault.this.name}/${local.artifact_key}"
      properties = {
        kty     = "RSA"
        keySize = 3072
        keyOps  = ["wrapKey", "unwrapKey"]
        rotationPolicy = {
          lifetimeActions = [{ action = { type = "rotate" }, trigger = { timeAfterCreate = "P180D" } }]
        }
      }
    }]
  })
}
