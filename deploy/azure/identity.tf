# One identity per process. The bot speaks as `serve`; only `work` may change what Signoff provisions.
resource "azurerm_user_assigned_identity" "this" {
  for_each = toset(["serve", "work"])

  name                = "id-${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = local.tags
}

locals {
  sizes = { serve = var.serve, work = var.work }

  processes = {
    for process, identity in azurerm_user_assigned_identity.this : process => {
      identity_id = identity.id
      client_id   = identity.client_id
      size        = local.sizes[process]
      secrets = {
        for setting, each in var.secrets : setting => {
          id   = "${azurerm_key_vault.this.vault_uri}secrets/${each.secret}"
          file = each.file
        } if contains(each.to, process)
      }
    }
  }
}
