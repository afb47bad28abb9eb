"""The messages of Terraform's plugin protocol 6, as far as the sandbox needs them.

Protobuf is written by hand: importing its library costs each provider process about 90 ms, and
Terraform starts several per command. A message is a dict; unset fields have protobuf's defaults.

Source: https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/tfplugin6.proto
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

Message: TypeAlias = dict[str, Any]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_SCALARS: dict[str, Any] = {"bytes": b"", "str": "", "int": 0, "bool": False}

# name = number type; `*` repeats, any other type is a message of this table
_MESSAGES = {
    "Empty": "",
    "DynamicValue": "msgpack=1 bytes, json=2 bytes",
    "Step": "attribute_name=1 str",
    "AttributePath": "steps=1 *Step",
    "Diagnostic": "severity=1 int, summary=2 str, detail=3 str, attribute=4 AttributePath",
    "Attribute": "name=1 str, type=2 bytes, required=4 bool, optional=5 bool, computed=6 bool,"
    " sensitive=7 bool",
    "NestedBlock": "type_name=1 str, block=2 Block, nesting=3 int, min_items=4 int,"
    " max_items=5 int",
    "Block": "version=1 int, attributes=2 *Attribute, block_types=3 *NestedBlock",
    "Schema": "version=1 int, block=2 Block",
    "SchemaEntry": "key=1 str, value=2 Schema",
    "Capabilities": "plan_destroy=1 bool, get_provider_schema_optional=2 bool",
    "RawState": "json=1 bytes",
    "Schemas": "provider=1 Schema, resource_schemas=2 *SchemaEntry,"
    " data_source_schemas=3 *SchemaEntry, server_capabilities=6 Capabilities",
    "Metadata": "server_capabilities=1 Capabilities",
    "ProviderConfig": "config=1 DynamicValue",
    "ResourceConfig": "type_name=1 str, config=2 DynamicValue",
    "Diagnostics": "diagnostics=1 *Diagnostic",
    "ProviderDiagnostics": "diagnostics=2 *Diagnostic",
    "Configure": "terraform_version=1 str, config=2 DynamicValue",
    "Upgrade": "type_name=1 str, version=2 int, raw_state=3 RawState",
    "Upgraded": "upgraded_state=1 DynamicValue",
    "Read": "type_name=1 str, current_state=2 DynamicValue, private=3 bytes",
    "ReadResult": "new_state=1 DynamicValue, private=3 bytes",
    "Plan": "type_name=1 str, prior_state=2 DynamicValue, proposed_new_state=3 DynamicValue,"
    " config=4 DynamicValue, prior_private=5 bytes",
    "PlanResult": "planned_state=1 DynamicValue, requires_replace=2 *AttributePath,"
    " planned_private=3 bytes, diagnostics=4 *Diagnostic, legacy_type_system=5 bool",
    "Apply": "type_name=1 str, prior_state=2 DynamicValue, planned_state=3 DynamicValue,"
    " config=4 DynamicValue, planned_private=5 bytes",
    "ApplyResult": "new_state=1 DynamicValue, private=2 bytes, diagnostics=3 *Diagnostic,"
    " legacy_type_system=4 bool",
    "Import": "type_name=1 str, id=2 str",
    "ImportedResource": "type_name=1 str, state=2 DynamicValue",
    "Imported": "imported_resources=1 *ImportedResource, diagnostics=2 *Diagnostic",
    "Data": "state=1 DynamicValue, diagnostics=2 *Diagnostic",
}


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    number: int
    repeated: bool
    type: str

    @property
    def default(self) -> Any:
        return [] if self.repeated else _SCALARS.get(self.type)


@cache
def _fields(message: str) -> dict[int, _Field]:
    fields = [_field(text.strip()) for text in _MESSAGES[message].split(",") if text]
    return {field.number: field for field in fields}


def _field(text: str) -> _Field:
    name, _, rest = text.partition("=")
    number, _, type_ = rest.partition(" ")
    return _Field(name, int(number), type_.startswith("*"), type_.removeprefix("*"))


def encode(message: str, value: Message) -> bytes:
    """The message in protobuf's binary form."""
    out = bytearray()
    for field in _fields(message).values():
        found = value.get(field.name)
        for item in found if field.repeated and found else [found]:
            if item or (isinstance(item, dict) and field.type not in _SCALARS):
                out += _encoded(field, item)
    return bytes(out)


def _encoded(field: _Field, item: Any) -> bytes:
    if field.type in ("int", "bool"):
        return _varint(field.number << 3 | _VARINT) + _varint(int(item))
    content: bytes
    if field.type == "str":
        content = item.encode()
    else:
        content = item if field.type == "bytes" else encode(field.type, item)
    return _varint(field.number << 3 | _BYTES) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def decode(message: str, data: bytes) -> Message:
    """The message as a dict; fields that the table does not name are skipped."""
    fields = _fields(message)
    out: Message = {field.name: field.default for field in fields.values()}
    for number, raw in _raw_fields(data):
        if (field := fields.get(number)) is None:
            continue
        value = _decoded(field, raw)
        if field.repeated:
            out[field.name].append(value)
        else:
            out[field.name] = value
    return out


def _decoded(field: _Field, raw: int | bytes) -> Any:
    match field.type, raw:
        case "bool", _:
            return bool(raw)
        case ("int", _) | ("bytes", _):
            return raw
        case "str", bytes():
            return raw.decode()
        case _, bytes():
            return decode(field.type, raw)
    raise ValueError(f"field {field.name!r} has the wrong wire type")


def _raw_fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _read_varint(data, at)
            yield key >> 3, value
            continue
        size = {_FIXED64: 8, _FIXED32: 4}.get(kind)
        if size is None:
            size, at = _read_varint(data, at)
        if at + size > len(data):
            raise ValueError("message is cut off")
        yield key >> 3, data[at : at + size]
        at += size


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return number, at
        shift += 7
