"""Values as Terraform sends them: msgpack, with unknown as a value of its own."""

import json
from typing import Any

import msgpack

from orchestration.sandbox.wire import Message


class Unknown:
    """A value that only exists after apply."""

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN = Unknown()


def unpack(value: Message | None) -> Any:
    """The Python value of a DynamicValue; every kind of unknown becomes `UNKNOWN`."""
    if value is None:
        return None
    if value["msgpack"]:
        return msgpack.unpackb(
            value["msgpack"], ext_hook=lambda _code, _data: UNKNOWN, strict_map_key=False
        )
    return json.loads(value["json"]) if value["json"] else None


def pack(value: Any) -> Message:
    """The DynamicValue of a Python value."""
    return {"msgpack": msgpack.packb(value, default=_extension)}


def _extension(value: object) -> msgpack.ExtType:
    if isinstance(value, Unknown):
        return msgpack.ExtType(0, b"\x00")
    raise TypeError(repr(value))


def has_unknown(value: Any) -> bool:
    """Whether there is an unknown anywhere inside."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def plain(value: Any) -> Any:
    """The value with nothing in place of unknowns, so that it can be written as JSON."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return None if value is UNKNOWN else value
