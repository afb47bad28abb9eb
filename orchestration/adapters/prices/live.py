"""Prices from the Azure Retail Prices API, and from a fallback for what it does not answer.

Source: Microsoft Learn, "Azure Retail Prices REST API": no key, filter values are case sensitive,
pages linked by NextPageLink.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date
from typing import Any

import aiohttp
from yarl import URL

from capabilities.cost import Meter, Price
from orchestration.ports import PriceSource

URL_OF_AZURE = "https://prices.azure.com/api/retail/prices"
API_VERSION = "2023-01-01-preview"
MOST_PAGES = 20
QUIET_S = 300.0
"""How long nothing is asked after the API did not answer: a conversation must not wait for it."""

_UNITS = {"1 Hour": ("hour", 1), "1": ("unit", 1), "1 GB/Month": ("GB-month", 1)}
_TOKENS = {"1K": ("1K tokens", 1), "1M": ("1K tokens", 1000)}
_DBU = {"1 Hour": ("DBU", 1), "1": ("DBU", 1)}
_NOT_ON_DEMAND = ("Windows", "Spot", "Low Priority", "CloudServices", "Cloud Services")

logger = logging.getLogger(__name__)


class LivePrices:
    """A `PriceSource`. What was found, or that nothing was, is kept for that day."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        fallback: PriceSource,
        *,
        today: Callable[[], date],
        monotonic_s: Callable[[], float],
        url: str = URL_OF_AZURE,
        timeout_s: float = 3.0,
    ) -> None:
        self._session = session
        self._fallback = fallback
        self._today = today
        self._monotonic_s = monotonic_s
        self._url = URL(url)
        self._timeout_s = timeout_s
        self._quiet_until_s = float("-inf")
        self._away = False
        self._found: dict[tuple[date, Meter], Price | None] = {}

    async def prices(self, meters: Sequence[Meter]) -> Mapping[Meter, Price]:
        today = self._today()
        if self._monotonic_s() >= self._quiet_until_s:
            await self._ask([m for m in meters if (today, m) not in self._found], today)
        live = {m: price for m in meters if (price := self._found.get((today, m))) is not None}
        rest = [meter for meter in meters if meter not in live]
        return {**(await self._fallback.prices(rest)), **live}

    async def _ask(self, meters: Sequence[Meter], today: date) -> None:
        """All at once, within the time limit; what was answered by then is kept."""
        self._found = {key: price for key, price in self._found.items() if key[0] == today}
        asked = [self._ask_one(meter, today) for meter in meters]
        if not asked:
            return
        answers: Sequence[BaseException | None]
        try:
            async with asyncio.timeout(self._timeout_s):
                answers = await asyncio.gather(*asked, return_exceptions=True)
        except TimeoutError as late:
            answers = [late]
        failed = [answer for answer in answers if answer]
        if failed:
            self._quiet_until_s = self._monotonic_s() + QUIET_S
            if not self._away:
                fields = {"meters": len(meters), "why": type(failed[0]).__name__}
                logger.warning("prices.live_unavailable", extra={"fields": fields})
        self._away = bool(failed)

    async def _ask_one(self, meter: Meter, today: date) -> None:
        rows = [row async for row in self._rows(meter) if _fits(row, meter)]
        self._found[today, meter] = _price(rows, today)

    async def _rows(self, meter: Meter) -> AsyncIterator[Mapping[str, Any]]:
        page: URL | None = self._url.with_query(
            {"api-version": API_VERSION, "$filter": _filter(meter)}
        )
        for _ in range(MOST_PAGES):
            if page is None or page.origin() != self._url.origin():
                return
            async with self._session.get(page) as response:
                response.raise_for_status()
                body = await response.json()
            for row in body["Items"]:
                yield row
            page = URL(body["NextPageLink"]) if body.get("NextPageLink") else None


def _filter(meter: Meter) -> str:
    """The OData filter that leaves the fewest rows for this meter."""
    wanted = {"armRegionName": meter.region, "priceType": "Consumption"}
    match meter.service:
        case "Virtual Machines":
            wanted |= {"serviceName": meter.service, "armSkuName": meter.name}
        case "Azure OpenAI":
            wanted |= {"meterName": meter.name}
        case "Storage":
            product = "General Block Blob v2"
            wanted |= {
                "serviceName": meter.service,
                "productName": product,
                "meterName": meter.name,
            }
        case _:
            wanted |= {"serviceName": meter.service, "meterName": meter.name}
    return " and ".join(f"{key} eq '{_quoted(value)}'" for key, value in wanted.items())


def _quoted(value: str) -> str:
    return value.replace("'", "''")


def _fits(row: Mapping[str, Any], meter: Meter) -> bool:
    """Whether a row is the pay-as-you-go price in USD of exactly this meter."""
    if row.get("type") != "Consumption" or row.get("currencyCode") != "USD":
        return False
    if row.get("armRegionName") != meter.region or row.get("tierMinimumUnits"):
        return False
    if meter.service == "Virtual Machines":
        text = f"{row.get('productName')} {row.get('skuName')} {row.get('meterName')}"
        return row.get("armSkuName") == meter.name and not any(x in text for x in _NOT_ON_DEMAND)
    return row.get("meterName") == meter.name


def _price(rows: Sequence[Mapping[str, Any]], today: date) -> Price | None:
    """The one price that the rows agree on; none when they differ, which would be a guess."""
    found = {_in_our_unit(row) for row in rows}
    if len(found) != 1:
        return None
    usd, unit = found.pop()
    return Price(usd, unit, "Azure Retail Prices API", today)


def _in_our_unit(row: Mapping[str, Any]) -> tuple[float, str]:
    measure = str(row["unitOfMeasure"])
    unit, parts = _units_of(str(row["meterName"])).get(measure, (measure, 1))
    return round(float(row["retailPrice"]) / parts, 9), unit


def _units_of(meter: str) -> Mapping[str, tuple[str, int]]:
    """By the API's unit of measure: our unit, and how many of ours it is."""
    if meter.endswith("Tokens"):
        return _TOKENS
    return _DBU if meter.endswith("DBU") else _UNITS
