"""Figures with their goals, and the table they are printed as."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

_HEADER = ("figure", "n", "min", "median", "p95", "goal", "met")
_FORMAT = "| {:58} | {:>4} | {:>8} | {:>8} | {:>8} | {:>16} | {:3} |"


@dataclass(frozen=True, slots=True)
class Figure:
    """Measured values in one unit. `goal` is the most that the `judged` value of them may be."""

    name: str
    values: Sequence[float]
    unit: str
    goal: float | None = None
    judged: Literal["median", "p95"] = "p95"

    @property
    def min(self) -> float:
        return min(self.values)

    @property
    def median(self) -> float:
        return quantile(self.values, 0.5)

    @property
    def p95(self) -> float:
        return quantile(self.values, 0.95)

    @property
    def met(self) -> bool | None:
        """None without a goal."""
        if self.goal is None:
            return None
        return (self.median if self.judged == "median" else self.p95) <= self.goal


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed."""
    return sorted(values)[ceil(len(values) * share) - 1]


def header() -> Iterator[str]:
    yield _FORMAT.format(*_HEADER)
    yield "|".join(["", *("-" * len(cell) for cell in _cells()), ""])


def row(figure: Figure) -> str:
    goal = "" if figure.goal is None else f"{figure.judged} <= {_number(figure.goal)}"
    met = {None: "", True: "yes", False: "NO"}[figure.met]
    numbers = [_number(value) for value in (figure.min, figure.median, figure.p95)]
    name = f"{figure.name} [{figure.unit}]"
    return _FORMAT.format(name, len(figure.values), *numbers, goal, met)


def _cells() -> list[str]:
    return _FORMAT.format(*_HEADER).strip("|").split("|")


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
