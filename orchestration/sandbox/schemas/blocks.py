"""Blocks as in `terraform providers schema -json`, out of what `typescript` has read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from orchestration.sandbox.schemas.typescript import (
    COLLECTIONS,
    ROOTS,
    Attribute,
    Module,
    Row,
    Type,
)

_PRIMITIVES = {"string": "string", "boolean": "bool", "number": "number", "any": "dynamic"}
_STORAGE = re.compile(r"(string|number|boolean|any)(ListList|MapList|List|Map)")
_TABLE_OF_VALUE = re.compile(r"(\w+)ToHclTerraform")
Block = dict[str, Any]


def blocks(module: Module) -> Iterator[tuple[str, str | None, Block]]:
    """Base class, Terraform name and block of every resource, data source and provider."""
    for name, one in module.classes.items():
        if one.base in ROOTS:
            yield one.base, one.terraform_name, _Reader(module).block(name, one.table)


class _Reader:
    def __init__(self, module: Module) -> None:
        self._module = module

    def block(self, name: str, table: Mapping[str, Row]) -> Block:
        of_provider = self._module.classes[name].base == "TerraformProvider"
        attributes: Block = {}
        nested: Block = {}
        for key, one in self._module.classes[name].attributes.items():
            row = table.get(key)
            if row and row.is_block and one.member and not one.computed:
                nested[key] = self._nested(one, row)
            elif row and row.is_block and not one.member and of_provider:
                least = {"min_items": 1} if one.required else {}
                nested[key] = {**self._of_table(row), **least}
            else:
                attributes[key] = {"type": self._type(one, row), **_flags(one)}
        return _block(attributes, nested)

    def _nested(self, one: Attribute, row: Row) -> Block:
        element, many = self._element(one.member or "")
        out: Block = {
            "nesting_mode": _nesting(row),
            "block": self.block(element, self._module.table_of(element)),
        }
        if out["nesting_mode"] != "single" and one.required:
            out["min_items"] = 1
        if out["nesting_mode"] != "single" and not many:
            out["max_items"] = 1
        return out

    def _of_table(self, row: Row) -> Block:
        """A provider's block has no class; only its table is known, and all in it is optional."""
        found = _TABLE_OF_VALUE.search(row.value)
        attributes: Block = {}
        nested: Block = {}
        for key, inner in self._module.tables[found[1].lower() if found else ""].items():
            if inner.is_block:
                nested[key] = self._of_table(inner)
            else:
                attributes[key] = {"type": _stored(inner) or "dynamic", "optional": True}
        return {"nesting_mode": _nesting(row), "block": _block(attributes, nested)}

    def _type(self, one: Attribute, row: Row | None) -> Type:
        if one.member:
            return self._type_of_member(one, one.member, row)
        return (row and _stored(row)) or one.type or "dynamic"

    def _type_of_member(self, one: Attribute, member: str, row: Row | None) -> Type:
        element, many = self._element(member)
        if row and row.kind in ("list", "set", "map"):
            return [row.kind, self._object(element)]
        if (row and row.kind == "struct") or not many:
            return self._object(element)
        if self._module.classes[member].base == "ComplexMap":
            return ["map", self._object(element)]
        return ["set" if one.member_is_set else "list", self._object(element)]

    def _object(self, name: str) -> Type:
        table = self._module.table_of(name)
        attributes = self._module.classes[name].attributes
        return ["object", {k: self._type(one, table.get(k)) for k, one in attributes.items()}]

    def _element(self, name: str) -> tuple[str, bool]:
        """The class of one element, and whether there may be many."""
        found = self._module.classes.get(name)
        if found and found.base in COLLECTIONS and found.element:
            return found.element, True
        return name, False


def _block(attributes: Block, nested: Block) -> Block:
    both = {"attributes": attributes, "block_types": nested}
    return {key: value for key, value in both.items() if value}


def _flags(one: Attribute) -> dict[str, bool]:
    flags = {"required": one.required, "optional": one.optional, "computed": one.computed}
    return {name: True for name, value in flags.items() if value}


def _nesting(row: Row) -> str:
    return "single" if row.kind == "struct" else row.kind


def _stored(row: Row) -> Type | None:
    """The type that the table tells, if it does."""
    if row.kind == "simple":
        return _PRIMITIVES.get(row.storage)
    found = _STORAGE.fullmatch(row.storage)
    if found is None:
        return None
    primitive, collection = _PRIMITIVES[found[1]], found[2]
    outer = row.kind if row.kind in ("list", "set") else "list"
    if collection in ("ListList", "MapList"):
        return [outer, [collection.removesuffix("List").lower(), primitive]]
    return [row.kind if row.kind in ("list", "set", "map") else collection.lower(), primitive]
