# What the whole internet could reach. The policy file asks security whenever `public-access` finds something; an endpoint that is
# merely reachable, and still wants a login, is mentioned.
package signoff.public_access

import data.plan
import rego.v1

finding contains {
	"rule": "public-access",
	"level": level,
	"address": change.address,
	"message": concat("", [what, "; restrict it, or say in the request why it has to be open"]),
} if {
	some change in input.plan.resource_changes
	plan.makes(change)
	some what in opened(change.type, change.change.after)
}

finding contains {
	"rule": "public-endpoint",
	"level": "advisory",
	"address": change.address,
	"message": "its endpoint can be reached from the internet, with a login; turn public network access off if it need not be",
} if {
	some change in input.plan.resource_changes
	plan.makes(change)
	change.change.after.public_network_access_enabled == true
	not guarded(change.change.after)
}

level := "advisory" if plan.relaxed

level := "soft-mandatory" if not plan.relaxed

# A firewall of its own that lets nobody in by default.
guarded(after) if {
	some block in {"network_rules", "network_acls"}
	some rules in after[block]
	rules.default_action == "Deny"
}

everybody := {"*", "0.0.0.0/0", "::/0", "internet", "any"}

opened(_, after) := {"blobs can be made readable for everybody"} if after.allow_nested_items_to_be_public == true

opened("azurerm_storage_container", after) := {concat(" ", ["everybody can read this", after.container_access_type])} if {
	after.container_access_type in {"blob", "container"}
}

opened("azurerm_network_security_rule", after) := {concat(" ", ["port", port(after), "is open to everybody"])} if lets_in(after)

opened("azurerm_network_security_group", after) := {concat(" ", ["port", port(rule), "is open to everybody"]) |
	some rule in after.security_rule
	lets_in(rule)
}

lets_in(rule) if {
	plan.squeezed(rule.direction) == "inbound"
	plan.squeezed(rule.access) == "allow"
	some source in sources(rule)
	plan.squeezed(source) in everybody
}

sources(rule) := {source |
	some key in {"source_address_prefix", "source_address_prefixes"}
	some source in listed(object.get(rule, key, null))
}

listed(value) := [value] if is_string(value)

listed(value) := [text | some text in value; is_string(text)] if is_array(value)

port(rule) := concat(", ", sort([port |
	some key in {"destination_port_range", "destination_port_ranges"}
	some port in listed(object.get(rule, key, null))
]))

examples := [
	{"environment": "production", "plan": {"resource_changes": [{
		"address": "azurerm_network_security_rule.https",
		"mode": "managed",
		"type": "azurerm_network_security_rule",
		"change": {"actions": ["create"], "after": {
			"direction": "Inbound",
			"access": "Allow",
			"source_address_prefix": "*",
			"destination_port_range": "443",
		}},
	}]}},
	{"environment": "dev", "plan": {"resource_changes": [{
		"address": "azurerm_network_security_group.main",
		"mode": "managed",
		"type": "azurerm_network_security_group",
		"change": {"actions": ["create"], "after": {"security_rule": [{
			"direction": "Inbound",
			"access": "Allow",
			"source_address_prefixes": ["0.0.0.0/0"],
			"destination_port_ranges": ["22", "443"],
		}]}},
	}]}},
	{"environment": "dev", "plan": {"resource_changes": [{
		"address": "azurerm_storage_container.main",
		"mode": "managed",
		"type": "azurerm_storage_container",
		"change": {"actions": ["create"], "after": {"container_access_type": "blob"}},
	}]}},
	{"environment": "dev", "plan": {"resource_changes": [{
		"address": "azurerm_storage_account.main",
		"mode": "managed",
		"type": "azurerm_storage_account",
		"change": {"actions": ["create"], "after": {"allow_nested_items_to_be_public": true}},
	}]}},
	{"environment": "dev", "plan": {"resource_changes": [{
		"address": "azurerm_cognitive_account.main",
		"mode": "managed",
		"type": "azurerm_cognitive_account",
		"change": {"actions": ["update"], "after": {"public_network_access_enabled": true}},
	}]}},
]
