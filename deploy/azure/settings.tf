# The settings (docs/settings.md) of both processes; a test holds every name to the code.
locals {
  public_url = try(
    var.settings.public_url,
    "https://${azurerm_cdn_frontdoor_endpoint.this[0].host_name}",
    "https://${local.hosts[var.location]}",
  )

  settings = merge(
    {
      cloud           = "azure"
      organisation    = var.organisation
      subscription_id = var.default_subscription_id
      host            = "0.0.0.0"
      log_to          = "stdout"

      cosmos_url      = trimsuffix(azurerm_cosmosdb_account.this.endpoint, "/")
      cosmos_database = azurerm_cosmosdb_sql_database.this.name

      artifacts        = "blob"
      blob_url         = trimsuffix(azurerm_storage_account.artifacts.primary_blob_endpoint, "/")
      blob_container   = azurerm_storage_container.artifacts.name
      artifact_key_url = "${azurerm_key_vault.this.vault_uri}keys/${local.artifact_key}"

      state_accounts  = join(" ", [for environment, account in azurerm_storage_account.state : "${environment}=${account.name}"])
      state_container = one(toset([for container in azurerm_storage_container.state : container.name]))

      engine           = "address"
      engine_address   = var.temporal.address
      engine_namespace = var.temporal.namespace

      teams_app_id    = local.teams_app_id
      teams_app_type  = "managed_identity"
      teams_tenant_id = data.azurerm_client_config.current.tenant_id

      max_jobs_per_worker = tostring(var.work.jobs)
    },
    var.settings,
    { public_url = local.public_url },
  )
}
