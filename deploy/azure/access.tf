# Everything that the two processes may do in Azure is in this file and in cosmos.tf.

locals {
  role_of_process = merge(
    {
      for process in ["serve", "work"] : "${process} pulls its image" => {
        process = process, role = "AcrPull", scope = var.registry_id
      }
    },
    {
      for process in ["serve", "work"] : "${process} wraps and unwraps keys" => {
        process = process, role = "Key Vault Crypto Service Encryption User", scope = "${azurerm_key_vault.this.id}/keys/${local.artifact_key}"
      }
    },
    {
      "serve reads artifacts" = {
        process = "serve", role = "Storage Blob Data Reader", scope = azurerm_storage_container.artifacts.id
      }
      "work keeps artifacts" = {
        process = "work", role = "Storage Blob Data Contributor", scope = azurerm_storage_container.artifacts.id
      }
    },
    {
      for environment, container in azurerm_storage_container.state : "work keeps the states of ${environment}" => {
        process = "work", role = "Storage Blob Data Contributor", scope = container.id
      }
    },
    {
      for id in var.provisions : "work provisions ${id}" => {
        process = "work", role = "Contributor", scope = id
      }
    },
  )

  secret_of_process = merge([
    for process in ["serve", "work"] : {
      for setting, each in var.secrets : "${process} reads ${setting}" => {
        process = process, secret = each.name
      } if contains(each.to, process)
    }
  ]...)

  assignable = join(", ", values(var.assignable_roles))
}

resource "azurerm_role_assignment" "process" {
  for_each = local.role_of_process

  scope                = each.value.scope
  role_definition_name = each.value.role
  principal_id         = azurerm_user_assigned_identity.this[each.value.process].principal_id
  principal_type       = "ServicePrincipal"
  description          = each.key

  depends_on = [azurerm_resource_group_template_deployment.artifact_key]
}

resource "azurerm_role_assignment" "secret" {
  for_each = local.secret_of_process

  scope                = "${azurerm_key_vault.this.id}/secrets/${each.value.secret}"
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.this[each.value.process].principal_id
  principal_type       = "ServicePrincipal"
  description          = each.key
}

# Capabilities give roles, such as Databricks' on its storage. Contributor may not; this may, for the listed roles alone.
resource "azurerm_role_assignment" "grants" {
  for_each = length(var.assignable_roles) == 0 ? [] : var.provisions

  scope                = each.value
  role_definition_name = "Role Based Access Control Administrator"
  principal_id         = azurerm_user_assigned_identity.this["work"].principal_id
  principal_type       = "ServicePrincipal"
  description          = "work gives ${join(", ", keys(var.assignable_roles))} in ${each.value}"
  condition_version    = "2.0"
  condition            = <<-EOT
    (
     (!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'}))
     OR
     (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${local.assignable}})
    )
    AND
    (
     (!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'}))
     OR
     (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${local.assignable}})
    )
  EOT
}
