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

# Whoever runs this Terraform makes the key; the operators put the secrets in. Neither reads what the processes wrote.
resource "azurerm_role_assignment" "key_maker" {
  scope                = azurerm_key_vault.this.id
  role_definition_name = "Key Vault Crypto Officer"
  principal_id         = data.azurerm_client_config.current.object_id
}

resource "azurerm_role_assignment" "operators" {
  scope                = azurerm_key_vault.this.id
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = var.operators
  principal_type       = "Group"
}

# Wraps the key of each artifact. Old versions unwrap what they wrapped, so they are never deleted.
resource "azurerm_key_vault_key" "artifacts" {
  name         = "artifacts"
  key_vault_id = azurerm_key_vault.this.id
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["wrapKey", "unwrapKey"]
  tags         = local.tags

  rotation_policy {
    automatic {
      time_after_creation = "P180D"
    }
  }

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [azurerm_role_assignment.key_maker]
}
