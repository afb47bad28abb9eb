"""Figures with their goals, and the table they are printed as."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

_HEADER = ("figure", "n", "min", "median", "p95", "goal", "met")
_FORMAT = "| {:58} | {:>4} | {:>8} | {:>8} | {:>8} | {:>16} | {:3} |"


@dataclass(frozen=True, slots=True)
class Figure:
    """Measured values in one unit. `goal` is the most that the `judged` value of them may be, or
    the least where `at_least` says so."""

    name: str
    values: Sequence[float]
    unit: str
    goal: float | None = None
    judged: Literal["median", "p95", "p99"] = "p95"
    at_least: bool = False

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
        shares = {"median": 0.5, "p95": 0.95, "p99": 0.99}
        found = quantile(self.values, shares[self.judged])
        return found >= self.goal if self.at_least else found <= self.goal


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed."""
    return sorted(values)[ceil(len(values) * share) - 1]


def header() -> Iterator[str]:
    yield _FORMAT.format(*_HEADER)
    yield "|".join(["", *("-" * len(cell) for cell in _cells()), ""])


def row(figure: Figure) -> str:
    goal = "" if figure.goal is None else _goal(figure, figure.goal)
    met = {None: "", True: "yes", False: "NO"}[figure.met]
    numbers = [_number(value) for value in (figure.min, figure.median, figure.p95)]
    name = f"{figure.name} [{figure.unit}]"
    return _FORMAT.format(name, len(figure.values), *numbers, goal, met)


def _goal(figure: Figure, goal: float) -> str:
    return f"{figure.judged} {'>=' if figure.at_least else '<='} {_number(goal)}"


def _cells() -> list[str]:
    return _FORMAT.format(*_HEADER).strip("|").split("|")


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
