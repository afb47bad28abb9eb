locals {
  networked = var.address_space != null
  zones     = toset([for service in var.private : service.zone])
}

resource "azurerm_virtual_network" "this" {
  count = local.networked ? 1 : 0

  name                = "vnet-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = var.tags
  address_space       = [var.address_space]
}

resource "azurerm_subnet" "apps" {
  count = local.networked ? 1 : 0

  name                 = "apps"
  resource_group_name  = azurerm_resource_group.this.name
  virtual_network_name = azurerm_virtual_network.this[0].name
  address_prefixes     = [cidrsubnet(var.address_space, 1, 0)]

  delegation {
    name = "container-apps"

    service_delegation {
      name    = "Microsoft.App/environments"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_subnet" "endpoints" {
  count = local.networked ? 1 : 0

  name                 = "endpoints"
  resource_group_name  = azurerm_resource_group.this.name
  virtual_network_name = azurerm_virtual_network.this[0].name
  address_prefixes     = [cidrsubnet(var.address_space, 2, 2)]
}

# A zone of the same name in each region, seen by that region's network alone: nothing here needs the other region.
resource "azurerm_private_dns_zone" "this" {
  for_each = local.zones

  name                = each.key
  resource_group_name = azurerm_resource_group.this.name
  tags                = var.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "this" {
  for_each = azurerm_private_dns_zone.this

  name                  = var.name
  resource_group_name   = azurerm_resource_group.this.name
  private_dns_zone_name = each.value.name
  virtual_network_id    = azurerm_virtual_network.this[0].id
  tags                  = var.tags
}

resource "azurerm_private_endpoint" "this" {
  for_each = var.private

  name                = "pe-${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = var.tags
  subnet_id           = azurerm_subnet.endpoints[0].id

  private_service_connection {
    name                           = each.key
    private_connection_resource_id = each.value.id
    subresource_names              = [each.value.part]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "default"
    private_dns_zone_ids = [azurerm_private_dns_zone.this[each.value.zone].id]
  }
}
