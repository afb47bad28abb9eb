# With two regions, people and vendors reach one address; what is not ready gets no traffic.
locals {
  front_door = var.second_location == null || var.kubernetes != null ? 0 : 1
}

resource "azurerm_cdn_frontdoor_profile" "this" {
  count = local.front_door

  name                = "afd-${var.name}"
  resource_group_name = azurerm_resource_group.this.name
  sku_name            = "Standard_AzureFrontDoor"
  tags                = local.tags
}

resource "azurerm_cdn_frontdoor_endpoint" "this" {
  count = local.front_door

  name                     = var.name
  cdn_frontdoor_profile_id = azurerm_cdn_frontdoor_profile.this[0].id
  tags                     = local.tags
}

resource "azurerm_cdn_frontdoor_origin_group" "this" {
  count = local.front_door

  name                     = "serve"
  cdn_frontdoor_profile_id = azurerm_cdn_frontdoor_profile.this[0].id
  session_affinity_enabled = false

  health_probe {
    path                = "/ready"
    protocol            = "Https"
    request_type        = "GET"
    interval_in_seconds = 30
  }

  load_balancing {
    sample_size                 = 4
    successful_samples_required = 3
  }
}

resource "azurerm_cdn_frontdoor_origin" "this" {
  for_each = { for location, host in local.hosts : location => host if local.front_door == 1 }

  name                           = each.key
  cdn_frontdoor_origin_group_id  = azurerm_cdn_frontdoor_origin_group.this[0].id
  host_name                      = each.value
  origin_host_header             = each.value
  certificate_name_check_enabled = true
  priority                       = each.key == var.location ? 1 : 2
}

resource "azurerm_cdn_frontdoor_route" "this" {
  count = local.front_door

  name                          = "all"
  cdn_frontdoor_endpoint_id     = azurerm_cdn_frontdoor_endpoint.this[0].id
  cdn_frontdoor_origin_group_id = azurerm_cdn_frontdoor_origin_group.this[0].id
  cdn_frontdoor_origin_ids      = [for origin in azurerm_cdn_frontdoor_origin.this : origin.id]
  patterns_to_match             = ["/*"]
  supported_protocols           = ["Https"]
  https_redirect_enabled        = false
  forwarding_protocol           = "HttpsOnly"
}
