# One identity per process. The bot speaks as `serve`; only `work` may change what Signoff provisions.
resource "azurerm_user_assigned_identity" "this" {
  for_each = toset(["serve", "work"])

  name                = "id-${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = local.tags
}

# In a cluster, a process is its service account.
resource "azurerm_federated_identity_credential" "this" {
  for_each = var.kubernetes == null ? {} : azurerm_user_assigned_identity.this

  name                = "kubernetes"
  resource_group_name = azurerm_resource_group.this.name
  parent_id           = each.value.id
  issuer              = var.kubernetes.oidc_issuer
  audience            = ["api://AzureADTokenExchange"]
  subject             = "system:serviceaccount:${var.kubernetes.namespace}:signoff-${each.key}"
}

locals {
  sizes = {
    serve = var.serve
    work = merge(var.work, {
      min_replicas = var.work.replicas
      max_replicas = max(var.work.replicas, try(var.work.busy.replicas, 0))
    })
  }

  processes = {
    for process, identity in azurerm_user_assigned_identity.this : process => {
      identity_id = identity.id
      client_id   = identity.client_id
      size        = local.sizes[process]
      secrets = {
        for setting, each in var.secrets : setting => {
          id   = "${azurerm_key_vault.this.vault_uri}secrets/${each.name}"
          file = each.file
        } if contains(each.to, process)
      }
    }
  }
}
