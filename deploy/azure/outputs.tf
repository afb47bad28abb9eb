output "public_url" {
  description = "Where people and vendors reach Signoff. Give it to `signoff package` for the Teams and Slack apps."
  value       = local.public_url
}

output "teams_app_id" {
  description = "The app id of the bot, for `signoff package --app-id`."
  value       = local.teams_app_id
}

output "vault" {
  description = "Where the secrets go."
  value       = azurerm_key_vault.this.name
}

output "client_ids" {
  description = "Process to the client id of its identity, for the service accounts of deploy/kubernetes."
  value       = { for process, identity in azurerm_user_assigned_identity.this : process => identity.client_id }
}

output "principal_ids" {
  description = "Process to the object id of its identity. Both read people from Microsoft Graph: the steps are in docs/directory.md."
  value       = { for process, identity in azurerm_user_assigned_identity.this : process => identity.principal_id }
}

output "state_accounts" {
  description = "Environment to the storage account of its Terraform states; the container is tfstate."
  value       = { for environment, account in azurerm_storage_account.state : environment => account.name }
}

output "outbound_addresses" {
  description = "Region to the addresses that requests come from, for the allow lists of others."
  value       = { for key, app in azurerm_container_app.this : dirname(key) => app.outbound_ip_addresses if endswith(key, "/work") }
}
