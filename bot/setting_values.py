"""Text from the environment, or a value from the file, as what a setting holds."""

import math
from pathlib import Path
from typing import Any, Literal, get_args, get_origin


def parsed(kind: Any, value: object) -> object:
    """Raises: ValueError, TypeError - it is none of that kind."""
    if get_origin(kind) is Literal:
        return get_args(kind)[get_args(kind).index(value)]
    if kind is bool:
        return value if isinstance(value, bool) else _bool(str(value).lower())
    if isinstance(value, bool):
        raise ValueError
    if kind in (int, float):
        return _number(kind, str(value))
    if not isinstance(value, str):
        raise ValueError
    if kind is str:
        return value
    return Path(value).expanduser() if value else None


def described(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(get_args(kind))
    names = {bool: "on or off", int: "a whole number", float: "a number", str: "text"}
    return names.get(kind, "a path")


def _number(kind: type[int] | type[float], text: str) -> float:
    number = kind(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _bool(text: str) -> bool:
    if text in ("true", "on", "yes", "1"):
        return True
    if text in ("false", "off", "no", "0"):
        return False
    raise ValueError(text)
