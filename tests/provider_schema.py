"""Checks rendered Terraform against the extracted schemas of the real providers.

Finds: unknown resource types, arguments and blocks; missing arguments; arguments that only the
provider sets; values and variables of the wrong type; too few or too many blocks; references to
resources, attributes and variables that do not exist; values nobody declared, and the reverse.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import hcl2

SCHEMAS = Path(__file__).parent.parent / "orchestration" / "sandbox" / "schemas"
META = {"for_each", "count", "depends_on", "lifecycle", "provider"}
CONVERTS = [("number", "string"), ("bool", "string"), ("list", "set"), ("set", "list")]
Body = Mapping[str, Any]


@cache
def schema(provider: str) -> Body:
    packed = (SCHEMAS / f"{provider}.json.gz").read_bytes()
    loaded: Body = json.loads(gzip.decompress(packed))
    return loaded


def problems(files: Mapping[str, str]) -> list[str]:
    """What the real providers would refuse, one sentence each; empty when it is valid."""
    code = [hcl2.loads(text) for name, text in files.items() if name.endswith(".tf")]
    types = {_bare(name): _type(body["type"]) for name, body in _each(code, "variable")}
    values = json.loads(files["terraform.tfvars.json"])
    found = [f"{name} is declared and has no value" for name in types.keys() - values.keys()]
    found += [f"{name} has a value and is not declared" for name in values.keys() - types.keys()]
    for name, value in values.items():
        found += _mismatch(f"tfvars {name}", _kind(value, types), types.get(name, "any"))
    for kind, body in _each(code, "provider"):
        block = schema(_bare(kind))["provider"]["block"]
        found += _block(f"provider {_bare(kind)}", body, block, types)
    for kind, named in _each(code, "resource"):
        found += _resource(_bare(kind), named, types)
    return sorted(found + list(_dangling("\n".join(files.values()), types)))


def _resource(kind: str, named: Body, types: Body) -> Iterator[str]:
    resources = schema(kind.partition("_")[0])["resource_schemas"]
    if kind not in resources:
        yield f"there is no resource {kind}"
        return
    for name, body in named.items():
        yield from _block(f"{kind}.{_bare(name)}", body, resources[kind]["block"], types)


def _block(where: str, body: Body, block: Body, types: Body) -> Iterator[str]:
    attributes, nested = block.get("attributes", {}), block.get("block_types", {})
    own = (key for key in body if key not in META and not key.startswith("__"))
    given = {key: body[key] for key in own}
    for key, value in given.items():
        at = f"{where}.{key}"
        if key in nested:
            for inner in value:
                yield from _block(at, inner, nested[key]["block"], types)
        elif key not in attributes:
            yield f"{at} does not exist"
        elif not attributes[key].get("required") and not attributes[key].get("optional"):
            yield f"{at} is set by the provider"
        else:
            yield from _mismatch(at, _kind(value, types), attributes[key]["type"])
    yield from _counts(where, given, attributes, nested)


def _counts(where: str, given: Body, attributes: Body, nested: Body) -> Iterator[str]:
    for key, facts in attributes.items():
        if facts.get("required") and given.get(key) is None:
            yield f"{where}.{key} is missing"
    for key, facts in nested.items():
        count = len(given.get(key, []))
        if count < facts.get("min_items", 0):
            yield f"{where}.{key} is missing"
        if facts.get("max_items") and count > facts["max_items"]:
            yield f"{where}.{key} is there {count} times"


def _mismatch(where: str, actual: Any, wanted: Any) -> Iterator[str]:
    """Types as in the schema: `string`, `["set", "string"]`; `any` is one nobody can tell."""
    if "any" in (actual, wanted) or actual == wanted or (actual, wanted) in CONVERTS:
        return
    if isinstance(actual, list) and isinstance(wanted, list):
        if actual[0] == wanted[0] or (actual[0], wanted[0]) in CONVERTS:
            yield from _mismatch(where, actual[1], wanted[1])
            return
        if actual[0] == "object" and wanted[0] in ("map", "object"):
            yield from _members(where, actual[1], wanted)
            return
    yield f"{where} is {actual}, not {wanted}"


def _members(where: str, actual: Body, wanted: Any) -> Iterator[str]:
    for key, kind in actual.items():
        member = wanted[1] if wanted[0] == "map" else wanted[1].get(key, "no such key")
        yield from _mismatch(f"{where}.{key}", kind, member)


def _kind(value: Any, types: Body) -> Any:
    """The type of a literal or of a variable; `any` for every other expression."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, list):
        return ["list", _kind(value[0], types) if value else "any"]
    if isinstance(value, dict):
        return ["object", {key: _kind(member, types) for key, member in value.items()}]
    reference = re.fullmatch(r"\$\{var\.(\w+)\}", str(value))
    if reference:
        return types.get(reference[1], "any")
    return "any" if value is None or str(value).startswith("${") else "string"


def _type(text: str) -> Any:
    """A type constraint: `${map(object({a = string}))}` as ["map", ["object", {"a": "string"}]]."""
    text = text.removeprefix("${").removesuffix("}") if text.startswith("${") else text
    outer = re.fullmatch(r"(map|set|list)\((.*)\)", text, re.DOTALL)
    if outer:
        return [outer[1], _type(outer[2])]
    inner = re.fullmatch(r"object\(\{(.*)\}\)", text, re.DOTALL)
    if inner:
        return ["object", dict(re.findall(r"(\w+)\s*=\s*(\w+)", inner[1]))]
    return text


def _dangling(text: str, types: Body) -> Iterator[str]:
    """References to what is not there."""
    for name in set(re.findall(r"\bvar\.(\w+)", text)) - types.keys():
        yield f"var.{name} is not declared"
    declared = set(re.findall(r'resource "(\w+)" "(\w+)"', text))
    for kind, name, attribute in re.findall(
        r"\b((?:azurerm|databricks)_\w+)\.(\w+)(?:\.(\w+))?", text
    ):
        resource = schema(kind.partition("_")[0])["resource_schemas"].get(kind, {"block": {}})
        block = resource["block"]
        if (kind, name) not in declared:
            yield f"{kind}.{name} is not declared"
        elif attribute and attribute not in {
            **block.get("attributes", {}),
            **block.get("block_types", {}),
        }:
            yield f"{kind}.{name} has no attribute {attribute}"


def _each(code: list[Body], section: str) -> Iterator[tuple[str, Any]]:
    for parsed in code:
        for entry in parsed.get(section, []):
            yield from entry.items()


def _bare(name: str) -> str:
    return name.strip('"')
