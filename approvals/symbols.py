"""Values that come from an earlier step, written as `${step.output}`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from approvals.change import AttributeChange, ResourceChange
from capabilities.values import Json

EMBEDDED_LENGTH = 8
"""Shortest output, in characters, that is also looked for inside longer strings."""


def symbolic(
    resources: Iterable[ResourceChange], outputs: Mapping[str, Json]
) -> tuple[ResourceChange, ...]:
    """The same changes with earlier steps' outputs (`step.output` to value) named, not valued.

    A plan made with placeholders for outputs that are not known yet, and one made with the real
    ones, become equal when nothing else differs. Only `after` is looked at: what exists already
    owes nothing to this deployment. A value that equals an output by chance is named as well;
    then the two plans differ and people are asked again, which is the safe mistake.
    """
    named = _named(outputs)
    return tuple(_resource(change, named) for change in resources)


def _named(outputs: Mapping[str, Json]) -> tuple[tuple[Json, str], ...]:
    """Values with their symbols, longest first, so that a value wins over its own parts."""
    texts = ((value, f"${{{name}}}") for name, value in sorted(outputs.items()))
    usable = (pair for pair in texts if isinstance(pair[0], str | list | dict) and pair[0])
    return tuple(sorted(usable, key=lambda pair: -len(str(pair[0]))))


def _resource(change: ResourceChange, named: tuple[tuple[Json, str], ...]) -> ResourceChange:
    attributes = tuple(_attribute(each, named) for each in change.attributes)
    return replace(change, attributes=attributes)


def _attribute(change: AttributeChange, named: tuple[tuple[Json, str], ...]) -> AttributeChange:
    return replace(change, after=_value(change.after, named))


def _value(value: Json, named: tuple[tuple[Json, str], ...]) -> Json:
    for known, symbol in named:
        if value == known:
            return symbol
    match value:
        case str():
            return _text(value, named)
        case list():
            return [_value(item, named) for item in value]
        case dict():
            return {key: _value(item, named) for key, item in value.items()}
        case _:
            return value


def _text(text: str, named: tuple[tuple[Json, str], ...]) -> str:
    for known, symbol in named:
        if isinstance(known, str) and len(known) >= EMBEDDED_LENGTH:
            text = text.replace(known, symbol)
    return text
