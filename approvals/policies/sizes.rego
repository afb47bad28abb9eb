# Sizes and SKUs that Azure has retired: an apply would fail, or make something without support.
# Source: Microsoft Learn, "Retired Azure VM sizes" and the retirement notices of the Basic SKUs, as of 2025-10.
package signoff.sizes

import data.plan
import rego.v1

finding contains {
	"rule": "retired-size",
	"level": "hard-mandatory",
	"address": change.address,
	"message": concat("", [size, " was retired on ", series.on, "; use ", series.instead]),
} if {
	some change in input.plan.resource_changes
	plan.makes(change)
	some size in sizes(change.change.after)
	some series in retired_sizes
	regex.match(series.pattern, size)
}

finding contains {
	"rule": "retired-sku",
	"level": "hard-mandatory",
	"address": change.address,
	"message": concat("", ["SKU ", sku.sku, " was retired on ", sku.on, "; use ", sku.instead]),
} if {
	some change in input.plan.resource_changes
	plan.makes(change)
	some sku in retired_skus
	change.type == sku.type
	change.change.after.sku == sku.sku
}

# VM sizes of a resource: its own, and those in its blocks.
sizes(after) := {size |
	some part in [[after], [block | some blocks in after; is_array(blocks); some block in blocks; is_object(block)]]
	some block in part
	some key in {"node_type_id", "driver_node_type_id", "vm_size", "size"}
	size := block[key]
	is_string(size)
}

retired_sizes := [
	{"pattern": `^Standard_NC(6|12|24)r?$`, "on": "2023-09-06", "instead": "Standard_NC4as_T4_v3"},
	{"pattern": `^Standard_NC(6|12|24)r?s_v2$`, "on": "2023-09-06", "instead": "Standard_NC24ads_A100_v4"},
	{"pattern": `^Standard_NC(6|12|24)r?s_v3$`, "on": "2025-09-30", "instead": "Standard_NC4as_T4_v3 or Standard_NC24ads_A100_v4"},
	{"pattern": `^Standard_ND(6|12|24)r?s$`, "on": "2023-09-06", "instead": "Standard_NC24ads_A100_v4"},
	{"pattern": `^Standard_NV(6|12|24)$`, "on": "2023-09-06", "instead": "Standard_NV6ads_A10_v5"},
]

retired_skus := [
	{"type": "azurerm_public_ip", "sku": "Basic", "on": "2025-09-30", "instead": "Standard"},
	{"type": "azurerm_lb", "sku": "Basic", "on": "2025-09-30", "instead": "Standard"},
]

examples := [
	{"plan": {"resource_changes": [{
		"address": "databricks_cluster.main",
		"mode": "managed",
		"type": "databricks_cluster",
		"change": {"actions": ["create"], "after": {"node_type_id": "Standard_NC6s_v3"}},
	}]}},
	{"plan": {"resource_changes": [{
		"address": "azurerm_public_ip.main",
		"mode": "managed",
		"type": "azurerm_public_ip",
		"change": {"actions": ["create"], "after": {"sku": "Basic"}},
	}]}},
	{"plan": {"resource_changes": [{
		"address": "azurerm_kubernetes_cluster.main",
		"mode": "managed",
		"type": "azurerm_kubernetes_cluster",
		"change": {"actions": ["create"], "after": {"default_node_pool": [{"vm_size": "Standard_NC24rs_v3"}]}},
	}]}},
]
