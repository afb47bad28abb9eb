variable "subscription_id" {
  description = "The subscription that Signoff itself runs in."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.subscription_id))
    error_message = "subscription_id is a GUID in lower case."
  }
}

variable "name" {
  description = "Part of every name, and of the global ones too: cosmos-NAME, stNAMEartifacts, kv-NAME."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{2,11}$", var.name))
    error_message = "name is 3 to 12 characters of a-z and 0-9, and starts with a letter."
  }
}

variable "organisation" {
  description = "Whose infrastructure Signoff provisions; part of every workspace's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,38}$", var.organisation))
    error_message = "organisation is 1 to 39 characters of a-z, 0-9 and hyphens."
  }
}

variable "location" {
  description = "The region of everything, and of all writes, such as \"westeurope\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]+$", var.location))
    error_message = "location is a region's short name, such as \"westeurope\"."
  }
}

variable "second_location" {
  description = "A second region: replicas of both processes, a copy of the data, and Front Door before both."
  type        = string
  default     = null

  validation {
    condition     = var.second_location == null || can(regex("^[a-z0-9]+$", var.second_location))
    error_message = "second_location is a region's short name, such as \"northeurope\"."
  }

  validation {
    condition     = var.second_location != var.location
    error_message = "second_location has to be another region than location."
  }

  validation {
    condition     = var.second_location == null || var.cosmos.autoscale_max_ru != null
    error_message = "Serverless Cosmos DB has one region: a second one needs cosmos.autoscale_max_ru."
  }
}

variable "zone_redundant" {
  description = "Spread over availability zones; the regions must have them. It cannot be changed later."
  type        = bool
  default     = true

  validation {
    condition     = !var.zone_redundant || var.network != null || var.kubernetes != null
    error_message = "Container Apps are spread over zones only in a network of their own: set network, or zone_redundant = false."
  }
}

variable "network" {
  description = "Private endpoints: a network per region, and no public way to the data. Null: public endpoints, closed to whoever has no role."
  type = object({
    address_space        = string
    second_address_space = optional(string)
    allowed_ips          = optional(list(string), [])
  })
  default = null

  validation {
    condition     = var.network == null || can(cidrsubnet(var.network.address_space, 2, 3))
    error_message = "network.address_space is a range such as \"10.60.0.0/22\"."
  }

  validation {
    condition     = var.network == null || var.second_location == null || can(cidrsubnet(var.network.second_address_space, 2, 3))
    error_message = "The second region needs network.second_address_space, such as \"10.61.0.0/22\"."
  }
}

variable "image" {
  description = "The image of both processes, by digest: REGISTRY.azurecr.io/signoff@sha256:..."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9.-]+/[a-z0-9._/-]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image names a registry, a repository and a digest: REGISTRY/signoff@sha256:64 hex digits. A tag can change under you."
  }
}

variable "registry_id" {
  description = "Resource id of the Azure Container Registry that holds the image."
  type        = string

  validation {
    condition     = can(regex("^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.ContainerRegistry/registries/[^/]+$", var.registry_id))
    error_message = "registry_id is /subscriptions/.../providers/Microsoft.ContainerRegistry/registries/NAME."
  }
}

variable "cosmos" {
  description = "Null for autoscale_max_ru is serverless. With less consistency than these a replica may not see what another one has written."
  type = object({
    autoscale_max_ru = optional(number)
    consistency      = optional(string, "BoundedStaleness")
    backup_tier      = optional(string, "Continuous7Days")
  })
  default = {}

  validation {
    condition     = var.cosmos.autoscale_max_ru == null ? true : (var.cosmos.autoscale_max_ru >= 1000 && var.cosmos.autoscale_max_ru % 1000 == 0)
    error_message = "cosmos.autoscale_max_ru is a multiple of 1000, from 1000."
  }

  validation {
    condition     = contains(["BoundedStaleness", "Strong"], var.cosmos.consistency)
    error_message = "cosmos.consistency is \"BoundedStaleness\" or \"Strong\"."
  }

  validation {
    condition     = contains(["Continuous7Days", "Continuous30Days"], var.cosmos.backup_tier)
    error_message = "cosmos.backup_tier is \"Continuous7Days\" or \"Continuous30Days\"."
  }
}

variable "environments" {
  description = "The environments that people deploy to; each has a storage account for its Terraform states."
  type        = set(string)
  default     = ["dev", "test", "staging", "production"]

  validation {
    condition     = length(setsubtract(var.environments, ["dev", "test", "staging", "production"])) == 0
    error_message = "environments are dev, test, staging and production, or some of them."
  }
}

variable "provisions" {
  description = "What Signoff may change: ids of subscriptions or resource groups. It becomes Contributor there and nowhere else."
  type        = set(string)

  validation {
    condition     = alltrue([for id in var.provisions : can(regex("^/subscriptions/[0-9a-f-]{36}(/resourceGroups/[^/]+)?$", id))])
    error_message = "provisions are /subscriptions/ID or /subscriptions/ID/resourceGroups/NAME."
  }
}

variable "default_subscription_id" {
  description = "The subscription that is provisioned to; it lies in provisions."
  type        = string

  validation {
    condition     = anytrue([for id in var.provisions : startswith(id, "/subscriptions/${var.default_subscription_id}")])
    error_message = "default_subscription_id has to lie in provisions, or every apply is refused."
  }
}

variable "assignable_roles" {
  description = "The roles, by id, that Signoff's Terraform may give to others there. The default is what the shipped capabilities give."
  type        = map(string)
  default = {
    "Storage Blob Data Contributor" = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    "Storage Blob Data Reader"      = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
  }

  validation {
    condition     = length(setintersection([for id in values(var.assignable_roles) : lower(id)], ["8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "f58310d9-a9f6-439a-9e8d-f62e7b41a168"])) == 0
    error_message = "Owner, User Access Administrator and Role Based Access Control Administrator cannot be given on: who has them has everything."
  }
}

variable "operators" {
  description = "Object id of the Entra group that puts secrets into the vault."
  type        = string
}

variable "temporal" {
  description = "The Temporal cluster, or Temporal Cloud: host:port and namespace. Its key or certificate is a secret."
  type = object({
    address   = string
    namespace = string
  })

  validation {
    condition     = can(regex("^[a-zA-Z0-9.-]+:[0-9]{2,5}$", var.temporal.address))
    error_message = "temporal.address is HOST:PORT."
  }
}

variable "secrets" {
  description = "Setting (in lower case) to the name of its secret in the vault, and which processes get it. file: as a file whose path is the setting's value."
  type = map(object({
    name = string
    to   = optional(set(string), ["serve", "work"])
    file = optional(bool, false)
  }))
  default = {}

  validation {
    condition     = alltrue([for each in values(var.secrets) : length(each.to) > 0 && length(setsubtract(each.to, ["serve", "work"])) == 0])
    error_message = "secrets.to holds \"serve\", \"work\" or both."
  }

  validation {
    condition     = alltrue([for each in values(var.secrets) : can(regex("^[0-9a-zA-Z-]{1,127}$", each.name))])
    error_message = "A secret's name in Key Vault has letters, digits and hyphens."
  }
}

variable "settings" {
  description = "More settings of Signoff (docs/settings.md), in lower case and without a prefix. They win over the ones set here."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "A setting's name is lower case: public_url, not SIGNOFF_PUBLIC_URL."
  }
}

variable "serve" {
  description = "Replicas of `signoff serve` in each region, their size, and the requests at a time for which one more is started."
  type = object({
    min_replicas        = optional(number, 2)
    max_replicas        = optional(number, 10)
    concurrent_requests = optional(number, 40)
    cpu                 = optional(number, 1)
    memory              = optional(string, "2Gi")
  })
  default = {}

  validation {
    condition     = var.serve.min_replicas >= 1 && var.serve.max_replicas >= var.serve.min_replicas
    error_message = "serve has at least one replica: the outbox is spoken by it. max_replicas is not below min_replicas."
  }
}

variable "work" {
  description = "Replicas of `signoff work` in each region, the jobs of each at a time, and their size; docs/cost.md says how many it takes. busy: more of them from start to end, which are cron expressions such as \"0 7 * * 1-5\"."
  type = object({
    replicas = optional(number, 2)
    jobs     = optional(number, 4)
    cpu      = optional(number, 2)
    memory   = optional(string, "4Gi")
    busy = optional(object({
      replicas = number
      start    = string
      end      = string
      timezone = string
    }))
  })
  default = {}

  validation {
    condition     = var.work.replicas >= 1
    error_message = "work has at least one replica: a queue that nobody reads grows."
  }

  validation {
    condition     = var.work.busy == null ? true : var.work.busy.replicas > var.work.replicas
    error_message = "work.busy.replicas is more than work.replicas."
  }

  validation {
    condition     = var.work.busy == null ? true : alltrue([for at in [var.work.busy.start, var.work.busy.end] : length(split(" ", at)) == 5])
    error_message = "work.busy.start and work.busy.end have five fields: \"0 7 * * 1-5\" is seven o'clock on working days."
  }
}

variable "sampled_traces" {
  description = "The share of traces that is sent to Application Insights, of a deployment in whole or not at all."
  type        = number
  default     = 0.1

  validation {
    condition     = var.sampled_traces >= 0 && var.sampled_traces <= 1
    error_message = "sampled_traces is from 0 to 1."
  }
}

variable "kubernetes" {
  description = "Run the processes in a cluster (deploy/kubernetes) instead of Container Apps: its OIDC issuer, the namespace, and the app registration of the bot (which is no managed identity there). Needs settings.public_url."
  type = object({
    oidc_issuer  = string
    teams_app_id = string
    namespace    = optional(string, "signoff")
  })
  default = null

  validation {
    condition     = var.kubernetes == null || can(regex("^https://", var.kubernetes.oidc_issuer))
    error_message = "kubernetes.oidc_issuer is https://... of the cluster."
  }

  validation {
    condition     = var.kubernetes == null || var.network == null
    error_message = "With kubernetes, network has to be null: the cluster is in a network of its own, from which the private endpoints made here cannot be reached (deploy/README.md, In a cluster)."
  }

  validation {
    condition     = var.kubernetes == null || can(regex("^https://[^/]+$", var.settings.public_url))
    error_message = "With kubernetes, settings.public_url has to say where the cluster's ingress is: https://HOST."
  }
}

variable "alert_emails" {
  description = "Who is woken: addresses for the alerts of docs/monitoring.md that Azure Monitor can tell. None: no alerts."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for each in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+$", each))])
    error_message = "alert_emails are addresses such as \"oncall@contoso.com\"."
  }
}

variable "tags" {
  description = "On everything."
  type        = map(string)
  default     = {}
}
