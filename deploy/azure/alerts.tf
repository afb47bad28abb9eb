# What wakes somebody, from the metrics that both processes send to Application Insights. Named, and meant, as in
# deploy/monitoring/prometheus/alerts.yaml; docs/monitoring.md says which of those are not here, and why.
locals {
  alerts = merge(
    {
      for name, process in {
        SignoffProcessDown = "signoff-serve"
        SignoffNoWorker    = "signoff-work"
        } : name => {
        query     = "AppMetrics | where Name == 'signoff.dependency.up' and AppRoleName == '${process}'"
        operator  = "LessThan"
        threshold = 1
        window    = "PT5M"
        runbook   = "process-down"
      }
    },
    {
      for name, of in {
        SignoffStoreUnreachable     = { dependency = "store", runbook = "store-unreachable" }
        SignoffEngineDown           = { dependency = "engine", runbook = "engine-down" }
        SignoffArtifactsUnreachable = { dependency = "artifacts", runbook = "artifacts-unreachable" }
        } : name => {
        query     = "AppMetrics | where Name == 'signoff.dependency.up' and Properties['dependency'] == '${of.dependency}' and Sum == 0"
        operator  = "GreaterThan"
        threshold = 2
        window    = "PT5M"
        runbook   = of.runbook
      }
    },
    {
      SignoffFault = {
        query     = "AppMetrics | where Name == 'signoff.failures' and Properties['kind'] == 'fault' and Sum > 0"
        operator  = "GreaterThan"
        threshold = 0
        window    = "PT15M"
        runbook   = "fault-of-our-own"
      }
      SignoffStoreThrottled = {
        query     = <<-EOT
          AppMetrics | where Name == 'db.client.operation.duration'
          | summarize calls = sum(ItemCount), failed = sumif(ItemCount, Properties['outcome'] == 'temporary')
          | where failed > 0.02 * calls
        EOT
        operator  = "GreaterThan"
        threshold = 0
        window    = "PT5M"
        runbook   = "store-throttled"
      }
      SignoffSurfaceRefuses = {
        query     = <<-EOT
          AppMetrics | where Name == 'signoff.message.duration'
          | summarize sent = sum(ItemCount), refused = sumif(ItemCount, Properties['outcome'] != 'ok') by tostring(Properties['surface'])
          | where refused > 0.2 * sent
        EOT
        operator  = "GreaterThan"
        threshold = 0
        window    = "PT10M"
        runbook   = "surface-refusing"
      }
      SignoffOutboxStuck = {
        query     = <<-EOT
          AppMetrics | where Name in ('signoff.acknowledgement.duration', 'signoff.message.duration') and Properties['outcome'] == 'ok'
          | summarize heard = sumif(ItemCount, Name == 'signoff.acknowledgement.duration'), said = sumif(ItemCount, Name == 'signoff.message.duration')
            by tostring(Properties['surface'])
          | where heard > 3 and said == 0
        EOT
        operator  = "GreaterThan"
        threshold = 0
        window    = "PT15M"
        runbook   = "outbox-stuck"
      }
    },
  )
}

resource "azurerm_monitor_action_group" "page" {
  count = length(var.alert_emails) == 0 ? 0 : 1

  name                = "ag-${var.name}-page"
  resource_group_name = azurerm_resource_group.this.name
  short_name          = "signoff"
  tags                = local.tags

  dynamic "email_receiver" {
    for_each = var.alert_emails

    content {
      name                    = email_receiver.value
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "page" {
  for_each = length(var.alert_emails) == 0 ? {} : local.alerts

  name                    = each.key
  resource_group_name     = azurerm_resource_group.this.name
  location                = var.location
  tags                    = local.tags
  description             = "docs/runbooks/${each.value.runbook}.md"
  severity                = 1
  scopes                  = [azurerm_log_analytics_workspace.this.id]
  evaluation_frequency    = "PT5M"
  window_duration         = each.value.window
  auto_mitigation_enabled = true
  skip_query_validation   = true # the table is there when the first metric has come

  criteria {
    query                   = each.value.query
    time_aggregation_method = "Count"
    operator                = each.value.operator
    threshold               = each.value.threshold
  }

  action {
    action_groups = [azurerm_monitor_action_group.page[0].id]
  }
}
