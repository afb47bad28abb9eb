# What every rule needs to know of a plan. No rule itself. Write `some change in input.plan.resource_changes` and ask one of these;
# functions and not sets, because this interpreter takes a time for sets of resources that grows with their square.
package plan

import rego.v1

# This plan creates, updates or replaces the resource.
makes(change) if {
	change.mode == "managed"
	some action in change.change.actions
	action in {"create", "update"}
	is_object(change.change.after)
}

# The resource is new, a replacement included.
creates(change) if {
	change.mode == "managed"
	"create" in change.change.actions
	is_object(change.change.after)
}

# The resource ends, a replacement included.
ends(change) if {
	change.mode == "managed"
	"delete" in change.change.actions
}

# Environments in which only the people who work there are affected.
relaxed if input.environment in {"dev", "test"}

# `East US` and `eastus` are one region.
squeezed(text) := lower(replace(text, " ", "")) if is_string(text)
