# The containers that the code names; a test holds this list to it. The store sets a document's life itself.
locals {
  database   = "signoff"
  containers = toset(["deployments", "greetings", "index", "news", "people", "sign_ins", "slack", "threads", "workspaces"])
}

resource "azurerm_cosmosdb_account" "this" {
  name                = "cosmos-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = local.tags
  offer_type          = "Standard"
  kind                = "GlobalDocumentDB"

  local_authentication_disabled      = true
  access_key_metadata_writes_enabled = false
  minimal_tls_version                = "Tls12"
  automatic_failover_enabled         = var.second_location != null
  public_network_access_enabled      = local.reachable
  ip_range_filter                    = local.allowed_ips

  consistency_policy {
    consistency_level       = var.cosmos.consistency
    max_interval_in_seconds = var.cosmos.consistency == "BoundedStaleness" ? 300 : null
    max_staleness_prefix    = var.cosmos.consistency == "BoundedStaleness" ? 100000 : null
  }

  dynamic "geo_location" {
    for_each = compact([var.location, var.second_location])

    content {
      location          = geo_location.value
      failover_priority = geo_location.key
      zone_redundant    = var.zone_redundant
    }
  }

  dynamic "capabilities" {
    for_each = var.cosmos.autoscale_max_ru == null ? ["EnableServerless"] : []

    content {
      name = capabilities.value
    }
  }

  backup {
    type = "Continuous"
    tier = var.cosmos.backup_tier
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_cosmosdb_sql_database" "this" {
  name                = local.database
  resource_group_name = azurerm_cosmosdb_account.this.resource_group_name
  account_name        = azurerm_cosmosdb_account.this.name

  dynamic "autoscale_settings" {
    for_each = var.cosmos.autoscale_max_ru == null ? [] : [var.cosmos.autoscale_max_ru]

    content {
      max_throughput = autoscale_settings.value
    }
  }
}

resource "azurerm_cosmosdb_sql_container" "this" {
  for_each = local.containers

  name                  = each.key
  resource_group_name   = azurerm_cosmosdb_account.this.resource_group_name
  account_name          = azurerm_cosmosdb_account.this.name
  database_name         = azurerm_cosmosdb_sql_database.this.name
  partition_key_paths   = ["/p"]
  partition_key_version = 2
  default_ttl           = -1

  # Read by id within a partition, listed in order of id, and found when they wait: an index of more only costs.
  indexing_policy {
    indexing_mode = "consistent"

    included_path {
      path = "/waits/?"
    }

    excluded_path {
      path = "/*"
    }

    composite_index {
      index {
        path  = "/p"
        order = "Ascending"
      }

      index {
        path  = "/id"
        order = "Ascending"
      }
    }
  }
}

resource "azurerm_cosmosdb_sql_role_assignment" "this" {
  for_each = azurerm_user_assigned_identity.this

  resource_group_name = azurerm_cosmosdb_account.this.resource_group_name
  account_name        = azurerm_cosmosdb_account.this.name
  role_definition_id  = "${azurerm_cosmosdb_account.this.id}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002" # Data Contributor
  scope               = azurerm_cosmosdb_account.this.id                                                              # the client reads the account's regions; there is one database in it
  principal_id        = each.value.principal_id
}
