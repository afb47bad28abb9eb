"""Values of a request as a card shows them: a label, the value in words, where it comes from."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from capabilities.cost import usd
from capabilities.naming import BY_CONVENTION
from capabilities.regions import region_called
from capabilities.values import Json, Provenance, Value, spelled
from orchestration.cards.model import Fact, Facts

_RANGE = re.compile(r"(?P<end>min|max)_(?P<of>\w+)")
_CALLED = {"budget_monthly_usd": "Budget"}


def label(parameter: str) -> str:
    """`Node type` of `node_type`, `SKU` of `sku`."""
    if parameter in _CALLED:
        return _CALLED[parameter]
    words = spelled(parameter)
    return f"{words[:1].upper()}{words[1:]}"


def words(value: Json) -> str:
    """A value as people write it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case float() if value == int(value):
            return f"{value:,.0f}"
        case list():
            return ", ".join(words(item) for item in value)
        case dict():
            return ", ".join(f"{key}={words(item)}" for key, item in value.items())
        case None:
            return "none"
        case _:
            return str(value)


def named(parameter: str, value: Json) -> str:
    """The value in words; a region by the name that people know it under, money as money."""
    region = region_called(str(value)) if parameter == "region" else None
    if region:
        return f"{region.display} ({region.name})"
    if parameter == "budget_monthly_usd" and isinstance(value, int | float):
        return f"{usd(value)} a month"
    return words(value)


def duration(seconds: float) -> str:
    """`40 s`, `6 min`."""
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def link(output: str, value: str) -> str:
    """An output that is an address of something, with its scheme: providers leave it out."""
    bare = output.endswith("_url") and "://" not in value
    return f"https://{value}" if bare else value


def provenance(value: Value) -> str:
    """Where a value comes from, with the reason unless that is only the convention for names."""
    telling = value.reason and value.reason != BY_CONVENTION
    return f"{value.origin}: {value.reason}" if telling else value.origin


def value_facts(values: Mapping[str, Value], *, briefly: bool = False) -> Facts:
    """One row for each value, two ends of a range in one; a reason is given once, and `briefly`
    only who wanted it so."""
    return Facts(tuple(_wanted(values) if briefly else _once(_rows(values))))


def _wanted(values: Mapping[str, Value]) -> Iterator[Fact]:
    said = {value.origin for value in values.values() if is_given(value)}
    for row in _rows(values):
        origin = row.note.partition(": ")[0]
        yield replace(row, note=origin if origin in said else "")


def _rows(values: Mapping[str, Value]) -> Iterator[Fact]:
    for parameter, value in values.items():
        ends = _range(parameter, values)
        if ends is None:
            yield Fact(label(parameter), named(parameter, value.value), provenance(value))
        elif parameter.startswith("min_"):
            low, high = (words(end.value) for end in ends)
            text = low if low == high else f"{low} to {high}"
            yield Fact(label(parameter.removeprefix("min_")), text, provenance(value))


def _range(parameter: str, values: Mapping[str, Value]) -> tuple[Value, Value] | None:
    """The two ends that the parameter is one of, when they come from the same place."""
    found = _RANGE.fullmatch(parameter)
    ends = [values.get(f"{end}_{found['of']}") for end in ("min", "max")] if found else []
    match ends:
        case [Value() as low, Value() as high] if provenance(low) == provenance(high):
            return low, high
        case _:
            return None


def _once(rows: Iterator[Fact]) -> Iterator[Fact]:
    given: set[str] = set()
    for row in rows:
        origin, _, reason = row.note.partition(": ")
        yield replace(row, note=origin) if reason and row.note in given else row
        given.add(row.note)


def is_given(value: Value) -> bool:
    """Whether somebody or a policy wanted exactly this."""
    return value.provenance in (Provenance.SAID, Provenance.COPIED, Provenance.POLICY)
