data "azurerm_client_config" "current" {}

locals {
  tags = merge({ application = "signoff" }, var.tags)

  regions = merge(
    { (var.location) = { address_space = try(var.network.address_space, null) } },
    var.second_location == null ? {} : {
      (var.second_location) = { address_space = try(var.network.second_address_space, null) }
    },
  )
  replication = var.second_location == null ? (var.zone_redundant ? "ZRS" : "LRS") : (var.zone_redundant ? "GZRS" : "GRS")

  private     = var.network != null
  allowed_ips = try(var.network.allowed_ips, [])
  reachable   = !local.private || length(local.allowed_ips) > 0
}

resource "azurerm_resource_group" "this" {
  name     = "rg-${var.name}"
  location = var.location
  tags     = local.tags
}

module "region" {
  source   = "./region"
  for_each = local.regions

  name           = var.name
  location       = each.key
  tags           = local.tags
  zone_redundant = var.zone_redundant
  address_space  = each.value.address_space
  private        = local.private_services
  container_apps = var.kubernetes == null
  workspace_id   = azurerm_log_analytics_workspace.this.id
}
