"""Quantities times prices: what a step costs a month. Pure; prices come from a `PriceSource`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

HOURS_PER_MONTH = 730
"""Source: Azure pricing calculator, 730 hours a month."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What is charged: the Azure service, its meter (or VM size) and the region."""

    service: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Price:
    """USD per unit, where it was read and on which day it was valid."""

    usd: float
    unit: str
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much of a meter a step uses in a month, and what was assumed to say so."""

    line: str
    meter: Meter
    units_per_month: float
    assumption: str


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of an estimate; `monthly_usd` is None when there is no price for the meter."""

    line: str
    monthly_usd: float | None
    assumption: str
    source: str
    as_of: date | None


@dataclass(frozen=True, slots=True)
class CostEstimate:
    lines: tuple[CostLine, ...]

    @property
    def monthly_usd(self) -> float:
        """The sum of the priced lines, in USD a month."""
        return round(sum(line.monthly_usd or 0.0 for line in self.lines), 2)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The lines that the total does not contain, because there is no price for them."""
        return tuple(line.line for line in self.lines if line.monthly_usd is None)


def usd(amount: float) -> str:
    """`$1,234` from a hundred dollars on, `$12.34` below."""
    return f"${amount:,.0f}" if amount >= 100 or amount == int(amount) else f"${amount:,.2f}"


def estimate(quantities: Sequence[Quantity], prices: Mapping[Meter, Price]) -> CostEstimate:
    """Each quantity at its price; a line without a price says for what there is none."""
    return CostEstimate(tuple(_line(each, prices.get(each.meter)) for each in quantities))


def _line(quantity: Quantity, price: Price | None) -> CostLine:
    if price is None:
        meter = quantity.meter
        nothing = f"no price for {meter.name} in {meter.region}; {quantity.assumption}"
        return CostLine(quantity.line, None, nothing, "", None)
    return CostLine(
        quantity.line,
        round(quantity.units_per_month * price.usd, 2),
        f"{quantity.assumption}; {price.usd:.6g} USD per {price.unit}",
        price.source,
        price.as_of,
    )


def total(estimates: Iterable[CostEstimate]) -> CostEstimate:
    return CostEstimate(tuple(line for estimate in estimates for line in estimate.lines))
