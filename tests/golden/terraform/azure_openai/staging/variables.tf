variable "subscription_id" {
  type        = string
  description = "Azure subscription that everything is created in."
}

variable "location" {
  type        = string
  description = "Azure region."
}

variable "resource_group" {
  type        = string
  description = "Name of the resource group."
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource."
}

variable "account_name" {
  type        = string
  description = "Name of the account and subdomain of its endpoint."
}

variable "public_network_access" {
  type        = bool
  description = "Whether the account can be reached without private link."
}

variable "allowed_ip_ranges" {
  type        = set(string)
  description = "Public address ranges that may connect when not every network may."
}

variable "default_action" {
  type        = string
  description = "What happens to everybody else: Allow or Deny."
}

variable "deployments" {
  type        = map(object({ model = string, version = string, sku = string, capacity = number }))
  description = "Model deployments by name; capacity in thousand tokens a minute."
}
