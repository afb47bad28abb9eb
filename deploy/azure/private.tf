# What has a private endpoint in every region, and the name that has to lead to it.
locals {
  private_services = !local.private ? {} : merge(
    {
      cosmos    = { id = azurerm_cosmosdb_account.this.id, part = "Sql", zone = "privatelink.documents.azure.com" }
      vault     = { id = azurerm_key_vault.this.id, part = "vault", zone = "privatelink.vaultcore.azure.net" }
      artifacts = { id = azurerm_storage_account.artifacts.id, part = "blob", zone = "privatelink.blob.core.windows.net" }
    },
    {
      for environment, account in azurerm_storage_account.state :
      environment => { id = account.id, part = "blob", zone = "privatelink.blob.core.windows.net" }
    },
  )
}
