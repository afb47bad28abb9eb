"""Reads the TypeScript that cdktf generates for a provider.

Every attribute of a resource is a getter under a comment with its flags; how it is written to HCL
(block or attribute, list or set, of what) is in a table of the same class, or of a function for
nested blocks. There is no parser involved: the text is generated, so its shape can be relied on.
"""

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

Type: TypeAlias = Any
"""As in `terraform providers schema -json`: "string", ["list", "string"], ["object", {...}]"""

ROOTS = ("TerraformResource", "TerraformDataSource", "TerraformProvider")
COLLECTIONS = ("ComplexList", "ComplexMap")

_TYPES: dict[str, Type] = {
    "String": "string",
    "Boolean": "bool",
    "Number": "number",
    "Any": "dynamic",
    "List": ["list", "string"],
    "NumberList": ["list", "number"],
    "StringMap": ["map", "string"],
    "NumberMap": ["map", "number"],
    "BooleanMap": ["map", "bool"],
    "AnyMap": ["map", "dynamic"],
}

_FUNCTION = re.compile(
    r"export function (\w+?)ToHclTerraform\(struct\?: ([^)]*)\): any \{(.*?)\n\}\n", re.S
)
_CLASS = re.compile(r"export class (\w+) extends cdktf\.(\w+)")
_END_OF_CLASS = re.compile(r"\nexport (function|interface)")
_ATTRIBUTE = re.compile(
    r"// (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n"
    r"(.*?)(?=\n\s+// \w+ - computed|\n  // =====|\Z)",
    re.S,
)
_GETTER = re.compile(
    r"return (cdktf\.Fn\.tolist\()?"
    r"this\.(?:interpolationForAttribute|get(\w+)Attribute)\('(\w+)'\)"
)
_MEMBER = re.compile(r"= new (cdktf\.)?(\w+)\(this, \"(\w+)\"(?:, (true|false))?\)")
_ELEMENT = re.compile(r"return new (\w+)\(this\.terraformResource")
_NAME = re.compile(r"static readonly tfResourceType = \"(\w+)\"")
_ROW = (
    r"\n{indent}\"?(\w+)\"?: \{{\n{indent}  value: (.*?),\n{indent}  isBlock: (true|false),\n"
    r"{indent}  type: \"(\w+)\",\n{indent}  storageClassType: \"(\w+)\",\n{indent}\}}"
)


@dataclass(frozen=True, slots=True)
class Row:
    """How an attribute is written to HCL."""

    value: str
    is_block: bool
    kind: str
    """list, set, map, struct or simple"""
    storage: str


@dataclass(frozen=True, slots=True)
class Attribute:
    computed: bool
    optional: bool
    required: bool
    type: Type | None
    """None if it is of a class of its own, or of a type that only the table knows."""
    member: str | None
    member_is_set: bool


@dataclass(frozen=True, slots=True)
class Class:
    base: str
    attributes: dict[str, Attribute]
    table: dict[str, Row]
    element: str | None
    """What a collection is of."""
    terraform_name: str | None


@dataclass(frozen=True, slots=True)
class Module:
    classes: dict[str, Class]
    tables: dict[str, dict[str, Row]]
    """By the lower-case name of the nested block."""

    def table_of(self, name: str) -> dict[str, Row]:
        return self.tables.get(name.removesuffix("OutputReference").lower(), {})


def parse(text: str) -> Module:
    tables = {m[1].lower(): _rows(m[3], " " * 4) for m in _FUNCTION.finditer(text)}
    starts = [*_CLASS.finditer(text)]
    ends = [*(m.start() for m in starts[1:]), len(text)]
    classes = {
        m[1]: _class(m[2], text[m.start() : end]) for m, end in zip(starts, ends, strict=True)
    }
    return Module(classes, tables)


def _class(base: str, text: str) -> Class:
    if cut := _END_OF_CLASS.search(text):
        text = text[: cut.start()]
    element = _ELEMENT.search(text) if base in COLLECTIONS else None
    name = _NAME.search(text)
    table = text[max(text.find("synthesizeHclAttributes"), 0) :] if base in ROOTS else ""
    return Class(
        base,
        {m[1]: _attribute(m) for m in _ATTRIBUTE.finditer(text)},
        _rows(table, " " * 6),
        element[1] if element else None,
        name[1] if name else None,
    )


def _attribute(match: re.Match[str]) -> Attribute:
    computed, optional, required = (match[group] == "true" for group in (2, 3, 4))
    member = _MEMBER.search(match[5])
    if member and not member[1]:
        return Attribute(computed, optional, required, None, member[2], member[4] == "true")
    type_ = _TYPES.get(member[2]) if member else _type_of_getter(match[5])
    return Attribute(computed, optional, required, type_, None, member_is_set=False)


def _type_of_getter(text: str) -> Type | None:
    getter = _GETTER.search(text)
    if getter is None:
        return None
    type_ = _TYPES.get(getter[2] or "Any")
    return ["set", type_[1]] if getter[1] and isinstance(type_, list) else type_


def _rows(text: str, indent: str) -> dict[str, Row]:
    pattern = re.compile(_ROW.format(indent=indent), re.S)
    return {m[1]: Row(m[2], m[3] == "true", m[4], m[5]) for m in pattern.finditer(text)}
