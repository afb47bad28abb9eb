output "endpoint" {
  value = azurerm_cognitive_account.this.endpoint
}

output "deployment" {
  value = join(", ", [for deployment in azurerm_cognitive_deployment.this : deployment.name])
}

output "account_id" {
  value = azurerm_cognitive_account.this.id
}

output "resource_group" {
  value = azurerm_resource_group.this.name
}
