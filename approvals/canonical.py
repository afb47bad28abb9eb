"""Canonical JSON: equal values have equal bytes, so that their hashes can be compared.

UTF-8, no white space, object keys sorted by code point, only the escapes that JSON demands. Numbers
compare as numbers: `1`, `1.0` and `Decimal("1.00")` are `1`, `-0.0` is `0`; any other float is its
shortest form that reads back the same. Text is not Unicode-normalised: what was shown is hashed.

Source: RFC 8785 (JSON Canonicalization Scheme). Two differences: keys are sorted by code point
rather than by UTF-16 unit, and integers keep every digit however large they are.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import isfinite
from typing import TypeAlias

Canonical: TypeAlias = (
    "str | int | float | Decimal | bool | None | Sequence[Canonical] | Mapping[str, Canonical]"
)
"""What has a canonical form: JSON values, with any mapping, sequence or finite decimal for it."""


def canonical(value: object) -> bytes:
    """The canonical JSON of a `Canonical` value.

    Raises: TypeError - something JSON has no word for, e.g. bytes, a set, a key that is not text;
    ValueError - a number that is not finite, or text that is not Unicode (a lone surrogate).
    """
    plain = _plain(value)
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")


def _plain(value: object) -> object:
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case int() | float() | Decimal():
            return _number(value)
        case Mapping():
            return {key: _plain(value[key]) for key in sorted(map(_key, value))}
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [_plain(item) for item in value]
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical JSON: {value!r}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key must be text: {key!r}")
    return key


def _number(value: int | float | Decimal) -> int | float:
    if isinstance(value, int):
        return int(value)
    if not isfinite(value):
        raise ValueError(f"a number must be finite: {value!r}")
    return int(value) if value == int(value) else float(value)
