output "resource_group_name" {
  description = "What of Signoff is in this region alone."
  value       = azurerm_resource_group.this.name
}

output "environment_id" {
  description = "Where the container apps run."
  value       = one(azurerm_container_app_environment.this[*].id)
}

output "domain" {
  description = "The domain of the apps that are reached from outside."
  value       = one(azurerm_container_app_environment.this[*].default_domain)
}
