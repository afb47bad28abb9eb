variable "name" {
  description = "As in the parent."
  type        = string
}

variable "location" {
  description = "The region."
  type        = string
}

variable "tags" {
  description = "On everything."
  type        = map(string)
}

variable "zone_redundant" {
  description = "Spread replicas over availability zones."
  type        = bool
}

variable "address_space" {
  description = "Of the region's network; null for none."
  type        = string
}

variable "private" {
  description = "What has a private endpoint here: its id, the part of it, and the DNS zone of its name."
  type        = map(object({ id = string, part = string, zone = string }))
}

variable "workspace_id" {
  description = "Log Analytics workspace of the containers' output."
  type        = string
}

variable "container_apps" {
  description = "Whether processes run here as container apps."
  type        = bool
}
