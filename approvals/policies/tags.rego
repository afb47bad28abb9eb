# Resources that lack a tag the organisation requires: nobody could say later whose they are.
package signoff.tags

import data.plan
import rego.v1

finding contains {
	"rule": "missing-tags",
	"level": "soft-mandatory",
	"address": change.address,
	"message": concat("", ["tags missing: ", concat(", ", lacking), "; add them to `tags` in the request or to the module"]),
} if {
	some change in input.plan.resource_changes
	plan.makes(change)
	some attribute in {"tags", "custom_tags"}
	attribute in object.keys(change.change.after)
	not object.get(change.change, ["after_unknown", attribute], false) == true
	given := names(change.change.after[attribute])
	lacking := sort([tag |
		some tag in input.required_tags
		not tag in given
		not unknown(change, attribute, tag)
	])
	count(lacking) > 0
}

names(tags) := object.keys(tags) if is_object(tags)

names(tags) := set() if is_null(tags)

unknown(change, attribute, tag) if {
	object.get(change.change, ["after_unknown", attribute, tag], false) == true
}

examples := [
	{"plan": {"resource_changes": [{
		"address": "azurerm_resource_group.main",
		"mode": "managed",
		"type": "azurerm_resource_group",
		"change": {"actions": ["create"], "after": {"tags": null}, "after_unknown": {}},
	}]}},
	{"plan": {"resource_changes": [{
		"address": "databricks_cluster.main",
		"mode": "managed",
		"type": "databricks_cluster",
		"change": {"actions": ["update"], "after": {"custom_tags": {"other": "x"}}, "after_unknown": {}},
	}]}},
]
