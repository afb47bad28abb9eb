"""What a provider makes of a proposed state before anything happens."""

from typing import Any

from orchestration.sandbox.schema import Block, Schema
from orchestration.sandbox.values import UNKNOWN

State = dict[str, Any]


def planned_state(schema: Schema, type_: str, prior: State | None, proposed: State) -> State:
    """Defaults filled in; what only the cloud knows is kept, or unknown if it is new."""
    planned = _planned(schema.resources[type_], prior, proposed, schema.defaults(type_))
    if schema.provider == "azurerm" and isinstance(location := planned.get("location"), str):
        planned["location"] = normal_location(location)
    return planned


def replacing(schema: Schema, type_: str, prior: State | None, planned: State) -> list[str]:
    """The attributes because of which the resource has to be made anew."""
    if prior is None:
        return []
    names = schema.replacing(type_)
    return [name for name in names if name in planned and planned[name] != prior.get(name)]


def normal_location(location: str) -> str:
    """`East US` -> `eastus`, as the azurerm provider writes it."""
    return location.replace(" ", "").lower()


def _planned(block: Block, prior: State | None, proposed: State, defaults: State) -> State:
    out = dict(proposed)
    for name, attribute in block.get("attributes", {}).items():
        if proposed.get(name) is not None:
            continue
        if name in defaults:
            out[name] = defaults[name]
        elif attribute.get("computed") and prior is None:
            out[name] = UNKNOWN
    for name, nested in block.get("block_types", {}).items():
        if name != "timeouts":
            out[name] = _nested(nested["block"], (prior or {}).get(name), proposed.get(name))
    return out


def _nested(block: Block, prior: Any, proposed: Any) -> Any:
    match proposed:
        case list(items):
            before = prior if isinstance(prior, list) else []
            pairs = zip(items, [*before, *[None] * len(items)], strict=False)
            return [_planned(block, old, new, {}) for new, old in pairs]
        case dict(item):
            return _planned(block, prior, item, {})
    return proposed
