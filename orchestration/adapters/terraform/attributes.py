"""The attributes of one resource change that people look at.

Left out: what is null or empty, and what only the cloud will know unless the configuration sets it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from approvals.change import AttributeChange
from approvals.containment import UNKNOWN
from capabilities.values import Json
from orchestration.redaction import HIDDEN

# Enough to recognise what is deleted; the rest of it no longer matters.
_IDENTIFYING = ("name", "location", "resource_group_name", "cluster_name", "instance_pool_name")


@dataclass(frozen=True, slots=True)
class _Leaf:
    raw: Any
    shown: Json


def attribute_changes(
    change: Mapping[str, Any], expressions: Mapping[str, Any]
) -> tuple[AttributeChange, ...]:
    """What a `change` of `show -json` does to attributes, by path.

    `expressions` is the resource's configuration; paths are `tags.owner`, `autoscale.max_workers`
    and, where there are several blocks of one kind, `disk[1].size`.
    """
    before = dict(_leaves(change.get("before"), change.get("before_sensitive")))
    if change.get("after") is None:
        return tuple(AttributeChange(p, before[p].shown, None) for p in _IDENTIFYING if p in before)
    after = dict(_leaves(change["after"], change.get("after_sensitive")))
    unknown = list(_unknown_paths(change.get("after_unknown", {})))
    after = {path: leaf for path, leaf in after.items() if not _under(path, unknown)}
    for path in unknown:
        if _configured(expressions, path.replace("[", ".").replace("]", "").split(".")):
            after[path] = _Leaf(UNKNOWN, UNKNOWN)
    before = {p: leaf for p, leaf in before.items() if p in after or not _under(p, unknown)}
    return tuple(_differences(before, after))


def hidden(value: Any, marks: Any) -> Any:
    """The value with `(sensitive)` wherever Terraform marks it as sensitive."""
    if marks is True:
        return None if value is None else HIDDEN
    if isinstance(value, dict) and isinstance(marks, dict):
        return {key: hidden(item, marks.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(marks, list):
        return [hidden(item, _at(marks, index)) for index, item in enumerate(value)]
    return value


def _differences(
    before: Mapping[str, _Leaf], after: Mapping[str, _Leaf]
) -> Iterator[AttributeChange]:
    nothing = _Leaf(None, None)
    for path in sorted({*before, *after}):
        old, new = before.get(path, nothing), after.get(path, nothing)
        if old.raw != new.raw:
            yield AttributeChange(path, old.shown, new.shown)


def _leaves(value: Any, marks: Any, path: str = "") -> Iterator[tuple[str, _Leaf]]:
    if value is None or value in ("", [], {}):
        return
    if marks is True:
        yield path, _Leaf(value, HIDDEN)
    elif isinstance(value, dict):
        inner = marks if isinstance(marks, dict) else {}
        for key, item in value.items():
            yield from _leaves(item, inner.get(key), _joined(path, key))
    elif isinstance(value, list) and isinstance(value[0], dict):
        for index, item in enumerate(value):
            yield from _leaves(item, _at(marks, index), _indexed(path, index, len(value)))
    else:
        yield path, _Leaf(value, hidden(value, marks))


def _unknown_paths(marks: Any, path: str = "") -> Iterator[str]:
    if marks is True:
        yield path
    elif isinstance(marks, dict):
        for key, item in marks.items():
            yield from _unknown_paths(item, _joined(path, key))
    elif isinstance(marks, list):
        for index, item in enumerate(marks):
            yield from _unknown_paths(item, _indexed(path, index, len(marks)))


def _configured(expressions: Any, path: list[str]) -> bool:
    """Whether the configuration says something about the attribute."""
    if isinstance(expressions, list):
        return any(_configured(block, path) for block in expressions)
    if not isinstance(expressions, Mapping):
        return False
    if not path or "references" in expressions or "constant_value" in expressions:
        return True
    name, *rest = path
    if name.isdecimal():
        return _configured(expressions, rest)
    return name in expressions and _configured(expressions[name], rest)


def _under(path: str, parents: list[str]) -> bool:
    return any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in parents)


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _indexed(path: str, index: int, count: int) -> str:
    return path if count == 1 else f"{path}[{index}]"


def _at(marks: Any, index: int) -> Any:
    return marks[index] if isinstance(marks, list) and index < len(marks) else None
