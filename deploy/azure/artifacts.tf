# Plans, logs and rendered files, each sealed by the program with a key that the vault wraps.
resource "azurerm_storage_account" "artifacts" {
  name                     = "st${var.name}artifacts"
  resource_group_name      = azurerm_resource_group.this.name
  location                 = var.location
  tags                     = local.tags
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

  # What has expired is gone: no versions, and a week to undo a deletion that nobody meant.
  blob_properties {
    versioning_enabled = false

    delete_retention_policy {
      days = 7
    }
  }
}

resource "azurerm_storage_container" "artifacts" {
  name               = "artifacts"
  storage_account_id = azurerm_storage_account.artifacts.id
}

resource "azurerm_storage_management_policy" "artifacts" {
  storage_account_id = azurerm_storage_account.artifacts.id

  # What expires, expires after 30 days; `files/` is what roll back goes back to, and stays (docs/artifacts.md).
  rule {
    name    = "expired"
    enabled = true

    filters {
      blob_types   = ["blockBlob"]
      prefix_match = [for kind in ["plans", "logs", "doctor"] : "${azurerm_storage_container.artifacts.name}/${kind}/"]
    }

    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = 31
      }
    }
  }
}
