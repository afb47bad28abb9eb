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
  description = "Name of the storage account."
}

variable "replication" {
  type        = string
  description = "Replication of the account."
}

variable "access_tier" {
  type        = string
  description = "Default access tier of blobs."
}

variable "hierarchical_namespace" {
  type        = bool
  description = "Whether it is a data lake."
}

variable "containers" {
  type        = set(string)
  description = "Containers; filesystems of a lake."
}

variable "public_network_access" {
  type        = bool
  description = "Whether the account can be reached without private link."
}

variable "default_action" {
  type        = string
  description = "What happens to networks that are not listed: Allow or Deny."
}

variable "allowed_ip_ranges" {
  type        = set(string)
  description = "Public address ranges that may connect."
}

variable "reader_object_ids" {
  type        = set(string)
  description = "Entra object ids that may read the data."
}
