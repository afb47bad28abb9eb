"""What a plan does, out of `terraform show -json`: for people, and for policy rules.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from approvals.change import Action, ResourceChange
from orchestration.adapters.terraform.attributes import attribute_changes, hidden
from orchestration.ports import Body

Plan: TypeAlias = Mapping[str, Any]

_ACTIONS = {
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
}
_INDEX = re.compile(r"\[[^\]]*\]")


def resource_changes(plan: Plan) -> tuple[ResourceChange, ...]:
    """What is created, updated, replaced and deleted, by address; nothing sensitive in it."""
    configured = dict(_expressions(plan.get("configuration", {}).get("root_module", {})))
    found = []
    for one in _managed(plan):
        if action := _ACTIONS.get(tuple(one["change"]["actions"])):
            expressions = configured.get(_INDEX.sub("", one["address"]), {})
            attributes = attribute_changes(one["change"], expressions)
            found.append(ResourceChange(one["address"], one["type"], action, attributes))
    return tuple(sorted(found, key=lambda change: change.address))


def remade(plan: Plan) -> tuple[ResourceChange, ...]:
    """Resources that an interrupted create left half-made, as the creates they are again.

    Source: Terraform plan JSON, `action_reason` `replace_because_tainted`.
    """
    configured = dict(_expressions(plan.get("configuration", {}).get("root_module", {})))
    tainted = [o for o in _managed(plan) if o.get("action_reason") == "replace_because_tainted"]
    return tuple(
        ResourceChange(
            one["address"],
            one["type"],
            Action.CREATE,
            attribute_changes(
                {**one["change"], "before": None, "before_sensitive": False},
                configured.get(_INDEX.sub("", one["address"]), {}),
            ),
        )
        for one in tainted
    )


def adopted(plan: Plan) -> tuple[str, ...]:
    """The addresses that the plan imports."""
    return tuple(sorted(o["address"] for o in _managed(plan) if o["change"].get("importing")))


def facts(plan: Plan) -> Body:
    """What policy rules may look at: the planned changes and values, without what is sensitive."""
    return {
        "format_version": plan.get("format_version"),
        "terraform_version": plan.get("terraform_version"),
        "resource_changes": [
            {**one, "change": _hidden_change(one["change"])} for one in _managed(plan)
        ],
        "output_changes": {
            name: _hidden_change(change) for name, change in plan.get("output_changes", {}).items()
        },
        "planned_values": {
            "root_module": _hidden_module(plan.get("planned_values", {}).get("root_module", {}))
        },
    }


def _managed(plan: Plan) -> Iterator[dict[str, Any]]:
    for one in plan.get("resource_changes", []):
        if one["mode"] == "managed":
            yield one


def _expressions(module: Plan, prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The configuration of every resource, by address without index."""
    for resource in module.get("resources", []):
        yield prefix + resource["address"], resource.get("expressions", {})
    for name, call in module.get("module_calls", {}).items():
        yield from _expressions(call.get("module", {}), f"{prefix}module.{name}.")


def _hidden_change(change: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **change,
        "before": hidden(change.get("before"), change.get("before_sensitive")),
        "after": hidden(change.get("after"), change.get("after_sensitive")),
    }


def _hidden_module(module: Plan) -> dict[str, Any]:
    return {
        "resources": [
            {**one, "values": hidden(one.get("values"), one.get("sensitive_values"))}
            for one in module.get("resources", [])
        ],
        "child_modules": [_hidden_module(child) for child in module.get("child_modules", [])],
    }
