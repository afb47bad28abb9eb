# Resources that hold data nobody can make again, destroyed or replaced by this plan.
package signoff.stateful

import data.plan
import rego.v1

finding contains {
	"rule": "stateful-destroy",
	"level": level,
	"address": change.address,
	"message": concat(" ", [change.type, "holds data that is lost when it is destroyed; make sure that there is a copy"]),
} if {
	some change in input.plan.resource_changes
	plan.ends(change)
	some pattern in holds_data
	regex.match(pattern, change.type)
}

level := "advisory" if input.environment == "dev"

level := "soft-mandatory" if input.environment != "dev"

holds_data := [
	"^azurerm_storage_(account|container|share|table|queue|data_lake_gen2_filesystem)$",
	"^azurerm_key_vault$",
	"^azurerm_(cosmosdb|postgresql|mssql|mysql|mariadb)_.*(account|server|database|container)$",
	"^azurerm_(databricks|machine_learning)_workspace$",
	"^azurerm_(managed_disk|log_analytics_workspace|data_factory|recovery_services_vault)$",
	"^databricks_(catalog|schema|sql_table|volume|metastore)$",
]

examples := [
	{"environment": "production", "plan": {"resource_changes": [{
		"address": "azurerm_storage_account.main",
		"mode": "managed",
		"type": "azurerm_storage_account",
		"change": {"actions": ["delete"], "after": null},
	}]}},
	{"environment": "dev", "plan": {"resource_changes": [{
		"address": "azurerm_databricks_workspace.main",
		"mode": "managed",
		"type": "azurerm_databricks_workspace",
		"change": {"actions": ["delete", "create"], "after": {}},
	}]}},
]
