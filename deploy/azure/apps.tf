# `signoff serve` and `signoff work`: one image, two identities, and what differs in local.process.
locals {
  hosts      = { for location, region in module.region : location => region.domain == null ? null : "${var.name}-serve.${region.domain}" }
  store      = "/var/lib/signoff"
  secrets_at = "/run/secrets/signoff"

  # The platform gives a replica at most 600 seconds to end: drain_s + cancel_grace_s + 10 fit into it.
  process = {
    serve = { port = 3978, grace_s = 60, settings = { leave_s = "15" } }
    work  = { port = 3979, grace_s = 600, settings = { drain_s = "460", work_port = "3979", operations_host = "0.0.0.0" } }
  }

  environment = {
    for process, of in local.processes : process => merge(
      { for setting, value in merge(local.process[process].settings, local.settings) : "SIGNOFF_${upper(setting)}" => value },
      { for setting, secret in of.secrets : "SIGNOFF_${upper(setting)}" => "${local.secrets_at}/${replace(setting, "_", "-")}" if secret.file },
      {
        AZURE_CLIENT_ID         = of.client_id # for the Azure SDKs that look for it themselves
        SIGNOFF_AZURE_IDENTITY  = "managed_identity"
        SIGNOFF_AZURE_CLIENT_ID = of.client_id
        SIGNOFF_STORE           = local.store
        OTEL_TRACES_EXPORTER    = "azure_monitor"
        OTEL_METRICS_EXPORTER   = "azure_monitor"
        OTEL_TRACES_SAMPLER     = "parentbased_traceidratio"
        OTEL_TRACES_SAMPLER_ARG = tostring(var.sampled_traces)
      },
    )
  }

  volumes = {
    for process, of in local.processes : process => merge(
      { store = { type = "EmptyDir", path = local.store }, tmp = { type = "EmptyDir", path = "/tmp" } },
      anytrue([for secret in of.secrets : secret.file]) ? { secrets = { type = "Secret", path = local.secrets_at } } : {},
    )
  }
}

resource "azurerm_container_app" "this" {
  for_each = merge([
    for location in var.kubernetes == null ? keys(local.regions) : [] : {
      for process, of in local.processes : "${location}/${process}" => merge(of, { process = process, location = location })
    }
  ]...)

  name                         = "${var.name}-${each.value.process}"
  resource_group_name          = module.region[each.value.location].resource_group_name
  container_app_environment_id = module.region[each.value.location].environment_id
  workload_profile_name        = "Consumption"
  revision_mode                = "Single"
  max_inactive_revisions       = 5
  tags                         = local.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [each.value.identity_id]
  }

  registry {
    server   = split("/", var.image)[0]
    identity = each.value.identity_id
  }

  dynamic "secret" {
    for_each = each.value.secrets

    content {
      name                = replace(secret.key, "_", "-")
      identity            = each.value.identity_id
      key_vault_secret_id = secret.value.id
    }
  }

  secret {
    name  = "telemetry"
    value = azurerm_application_insights.this.connection_string
  }

  dynamic "ingress" {
    for_each = each.value.process == "serve" ? [local.process.serve.port] : []

    content {
      external_enabled           = true
      target_port                = ingress.value
      transport                  = "http"
      allow_insecure_connections = false

      traffic_weight {
        latest_revision = true
        percentage      = 100
      }
    }
  }

  template {
    min_replicas                     = each.value.size.min_replicas
    max_replicas                     = each.value.size.max_replicas
    termination_grace_period_seconds = local.process[each.value.process].grace_s

    dynamic "http_scale_rule" {
      for_each = each.value.process == "serve" ? [var.serve.concurrent_requests] : []

      content {
        name                = "requests"
        concurrent_requests = tostring(http_scale_rule.value)
      }
    }

    # Nothing that Container Apps can count says how much `work` has to do: it waits, and Temporal's queue is not among its triggers.
    dynamic "custom_scale_rule" {
      for_each = each.value.process == "work" && var.work.busy != null ? [var.work.busy] : []

      content {
        name             = "busy"
        custom_rule_type = "cron"
        metadata = {
          timezone        = custom_scale_rule.value.timezone
          start           = custom_scale_rule.value.start
          end             = custom_scale_rule.value.end
          desiredReplicas = tostring(custom_scale_rule.value.replicas)
        }
      }
    }

    container {
      name   = each.value.process
      image  = var.image
      args   = [each.value.process]
      cpu    = each.value.size.cpu
      memory = each.value.size.memory

      dynamic "env" {
        for_each = local.environment[each.value.process]

        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = { for setting, secret in each.value.secrets : setting => secret if !secret.file }

        content {
          name        = "SIGNOFF_${upper(env.key)}"
          secret_name = replace(env.key, "_", "-")
        }
      }

      env {
        name        = "APPLICATIONINSIGHTS_CONNECTION_STRING"
        secret_name = "telemetry"
      }

      startup_probe {
        transport               = "HTTP"
        port                    = local.process[each.value.process].port
        path                    = "/health"
        interval_seconds        = 3
        failure_count_threshold = 30
      }

      liveness_probe {
        transport               = "HTTP"
        port                    = local.process[each.value.process].port
        path                    = "/health"
        interval_seconds        = 10
        timeout                 = 5
        failure_count_threshold = 6
      }

      readiness_probe {
        transport               = "HTTP"
        port                    = local.process[each.value.process].port
        path                    = "/ready"
        interval_seconds        = 5
        timeout                 = 5
        failure_count_threshold = 3
        success_count_threshold = 1
      }

      dynamic "volume_mounts" {
        for_each = local.volumes[each.value.process]

        content {
          name = volume_mounts.key
          path = volume_mounts.value.path
        }
      }
    }

    dynamic "volume" {
      for_each = local.volumes[each.value.process]

      content {
        name         = volume.key
        storage_type = volume.value.type
      }
    }
  }

  # A process that starts before its roles are there is refused by what it needs first.
  depends_on = [
    module.region,
    azurerm_cosmosdb_sql_container.this,
    azurerm_cosmosdb_sql_role_assignment.this,
    azurerm_role_assignment.process,
    azurerm_role_assignment.secret,
  ]
}
