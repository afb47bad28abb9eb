# Terraform states of what Signoff provisions: an account per environment, every version kept for a while.
resource "azurerm_storage_account" "state" {
  for_each = var.environments

  name                     = "st${var.name}${each.key}"
  resource_group_name      = azurerm_resource_group.this.name
  location                 = var.location
  tags                     = merge(local.tags, { environment = each.key })
  account_tier             = "Standard"
  account_replication_type = local.replication

  shared_access_key_enabled       = false
  default_to_oauth_authentication = true
  allow_nested_items_to_be_public = false
  local_user_enabled              = false
  public_network_access_enabled   = local.reachable

  network_rules {
    default_action = local.private ? "Deny" : "Allow"
    bypass         = ["None"]
    ip_rules       = local.allowed_ips
  }

  blob_properties {
    versioning_enabled = true

    delete_retention_policy {
      days = 90
    }

    container_delete_retention_policy {
      days = 90
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container" "state" {
  for_each = azurerm_storage_account.state

  name               = "tfstate"
  storage_account_id = each.value.id
}

resource "azurerm_storage_management_policy" "state" {
  for_each = azurerm_storage_account.state

  storage_account_id = each.value.id

  rule {
    name    = "old-versions"
    enabled = true

    filters {
      blob_types = ["blockBlob"]
    }

    actions {
      version {
        delete_after_days_since_creation = 365
      }
    }
  }
}
