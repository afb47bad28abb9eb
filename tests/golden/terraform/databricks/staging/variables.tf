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

variable "workspace_name" {
  type        = string
  description = "Name of the Databricks workspace."
}

variable "sku" {
  type        = string
  description = "Pricing tier of the workspace."
}

variable "public_network_access" {
  type        = bool
  description = "Whether the workspace answers from the public internet."
}

variable "no_public_ip" {
  type        = bool
  description = "Whether nodes go without a public IP address."
}

variable "access_connector_name" {
  type        = string
  description = "Name of the access connector."
}

variable "pool_name" {
  type        = string
  description = "Name of the instance pool."
}

variable "cluster_name" {
  type        = string
  description = "Name of the cluster and of its policy."
}

variable "node_type" {
  type        = string
  description = "VM size of driver and workers."
}

variable "spark_version" {
  type        = string
  description = "Databricks Runtime."
}

variable "min_workers" {
  type        = number
  description = "Fewest workers."
}

variable "max_workers" {
  type        = number
  description = "Most workers."
}

variable "autotermination_minutes" {
  type        = number
  description = "Idle minutes until the cluster stops; 0 for never."
}
