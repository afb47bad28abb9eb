"""Prices from the dated snapshot in this folder; made again by scripts/build_prices.py."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from capabilities.cost import Meter, Price

SNAPSHOT = Path(__file__).parent / "snapshot.json"
EVERYWHERE = "*"


class SnapshotPrices:
    """A `PriceSource` without a network. A row for the region goes before one for everywhere."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._prices = {
            Meter(row["service"], row["meter"], region): _price(row)
            for row in rows
            for region in row["regions"]
        }

    @classmethod
    def load(cls, path: Path = SNAPSHOT) -> "SnapshotPrices":
        """Raises: OSError, ValueError, KeyError - there is no such file, or it is no snapshot."""
        return cls(json.loads(path.read_text("utf-8"))["rows"])

    async def prices(self, meters: Sequence[Meter]) -> Mapping[Meter, Price]:
        found = ((meter, self._price(meter)) for meter in meters)
        return {meter: price for meter, price in found if price is not None}

    def _price(self, meter: Meter) -> Price | None:
        everywhere = Meter(meter.service, meter.name, EVERYWHERE)
        return self._prices.get(meter) or self._prices.get(everywhere)


def _price(row: Mapping[str, Any]) -> Price:
    return Price(row["usd"], row["unit"], row["source"], date.fromisoformat(row["as_of"]))
