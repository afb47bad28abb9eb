"""Columns and bars in SVG units: where each lies, for a template to draw. Pure.

A plot is 360 wide, so that its words can be read on a phone; colours are the stylesheet's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH, HEIGHT = 360, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 4, 10, 24
_LINES = 4


@dataclass(frozen=True, slots=True)
class Bar:
    kind: str
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word at a place on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """`lines` are at heights, `marks` at the middle of columns."""

    bars: tuple[Bar, ...]
    lines: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    left: float = _LEFT
    right: float = WIDTH - _RIGHT
    bottom: float = HEIGHT - _BOTTOM


@dataclass(frozen=True, slots=True)
class Column:
    """`parts` lie on one another, the first one lowest: kind, value, title."""

    name: str
    parts: tuple[tuple[str, float, str], ...]


def columns(
    given: Sequence[Column], called: Callable[[float], str] = "{:g}".format, least: float = 4.0
) -> Columns:
    """`called` gives the words for a value on the axis, which shows up to `least` at the least."""
    highest = max([least, *(sum(value for _, value, _ in each.parts) for each in given)])
    step = nice(highest / _LINES)
    top = step * ceil(highest / step)
    room = HEIGHT - _TOP - _BOTTOM
    slot = (WIDTH - _LEFT - _RIGHT) / max(1, len(given))
    bars: list[Bar] = []
    for number, column in enumerate(given):
        x, y = _LEFT + number * slot + slot * 0.15, float(HEIGHT - _BOTTOM)
        for kind, value, title in column.parts:
            height = room * value / top
            y -= height
            bars.append(Bar(kind, _r(x), _r(y), _r(slot * 0.7), _r(height), title))
    count = round(top / step)
    lines = [
        Mark(_r(HEIGHT - _BOTTOM - room * n / count), called(step * n)) for n in range(count + 1)
    ]
    every = ceil(len(given) / 6)
    marks = [
        Mark(_r(_LEFT + (number + 0.5) * slot), column.name)
        for number, column in enumerate(given)
        if number % every == 0
    ]
    return Columns(tuple(b for b in bars if b.height), tuple(lines), tuple(marks))


def nice(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 ... that is not smaller."""
    magnitude = 10.0 ** floor(log10(value))
    return next(n * magnitude for n in (1, 2, 5, 10) if n * magnitude >= value * 0.999)


def _r(value: float) -> float:
    return round(value, 1)
