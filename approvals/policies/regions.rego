# Resources in a region that the organisation does not use. What exists already is left alone.
package signoff.regions

import data.plan
import rego.v1

finding contains {
	"rule": "region-not-allowed",
	"level": "hard-mandatory",
	"address": change.address,
	"message": concat("", ["region ", region, " is not allowed; choose one of ", concat(", ", sort(input.allowed_regions))]),
} if {
	some change in input.plan.resource_changes
	plan.creates(change)
	region := plan.squeezed(change.change.after.location)
	region != "global"
	not region in {plan.squeezed(allowed) | some allowed in input.allowed_regions}
}

examples := [{"plan": {"resource_changes": [{
	"address": "azurerm_resource_group.main",
	"mode": "managed",
	"type": "azurerm_resource_group",
	"change": {"actions": ["create"], "after": {"location": "Mars Central"}},
}]}}]
