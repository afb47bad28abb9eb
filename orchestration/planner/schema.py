"""JSON schema of a tool's arguments, from the pydantic model that also validates them."""

from typing import Any

from pydantic import BaseModel


def parameters_of(model: type[BaseModel]) -> dict[str, Any]:
    """The model's JSON schema without references and titles, as chat services want it."""
    schema = model.model_json_schema()
    flat: dict[str, Any] = _inlined(schema, schema.get("$defs", {}))
    flat.pop("$defs", None)
    return flat


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[1]]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    result = {k: _inlined(v, definitions) for k, v in node.items() if k not in ("title", "$defs")}
    if isinstance(node.get("properties"), dict):
        result["properties"] = {k: _inlined(v, definitions) for k, v in node["properties"].items()}
    return result
