from datetime import date
from typing import Any

import pytest

from capabilities.cost import CostEstimate, Meter, Price, Quantity, estimate
from capabilities.registry import catalogue
from orchestration.adapters.prices.snapshot import SnapshotPrices
from tests.requests import asked, parameters

HOURS = Meter("Virtual Machines", "Standard_D4s_v5", "eastus")
PRICE = Price(0.192, "hour", "a list", date(2026, 9, 6))


async def cost(capability: str, **values: Any) -> CostEstimate:
    quantities = catalogue()[capability].quantities(parameters(capability, **values))
    prices = await SnapshotPrices.load().prices([quantity.meter for quantity in quantities])
    return estimate(quantities, prices)


def test_a_line_says_how_it_was_computed_and_where_the_price_is_from() -> None:
    (line,) = estimate([Quantity("nodes", HOURS, 100, "100 hours")], {HOURS: PRICE}).lines
    assert line.monthly_usd == 19.2
    assert line.assumption == "100 hours; 0.192 USD per hour"
    assert (line.source, line.as_of) == ("a list", date(2026, 9, 6))


def test_without_a_price_it_says_so_rather_than_guess() -> None:
    estimated = estimate([Quantity("nodes", HOURS, 100, "100 hours")], {})
    assert estimated.lines[0].monthly_usd is None
    assert estimated.lines[0].assumption.startswith("no price for Standard_D4s_v5 in eastus")
    assert estimated.left_out == ("nodes",)
    assert estimated.monthly_usd == 0


async def test_the_example_costs_less_with_fewer_workers() -> None:
    many = await cost("databricks", min_workers=2, max_workers=8)
    few = await cost("databricks", min_workers=1, max_workers=4)
    assert many.monthly_usd == pytest.approx(6 * 730 * (0.526 + 0.55), abs=0.02)
    assert few.monthly_usd == pytest.approx(3.5 * 730 * (0.526 + 0.55), abs=0.02)
    assert not many.left_out
    assert "6 nodes on average" in many.lines[0].assumption


async def test_where_there_is_no_price_for_the_nodes_the_total_leaves_them_out() -> None:
    estimated = await cost("databricks", region="westus2")
    assert estimated.left_out == ("Standard_NC4as_T4_v3 virtual machines",)
    assert estimated.monthly_usd > 0


async def test_a_cluster_that_never_stops_costs_more_than_one_that_does() -> None:
    stops = await cost("databricks", environment="dev")
    never = await cost("databricks", environment="dev", autotermination_minutes=0)
    assert never.monthly_usd > 4 * stops.monthly_usd


async def test_storage_and_tokens_are_priced_by_what_is_expected() -> None:
    assert (await cost("storage", environment="dev", expected_gb=1000)).monthly_usd == 18.0
    tokens = await cost("azure_openai", model="gpt-4.1", expected_input_thousand_tokens=1000,
                        expected_output_thousand_tokens=1000)  # fmt: skip
    assert tokens.monthly_usd == pytest.approx(2.0 + 8.0)


@pytest.mark.parametrize(
    ("capability", "values"),
    [
        ("databricks", {}),
        ("databricks", {"environment": "dev", "team": "payments"}),
        ("databricks", {"autotermination_minutes": 0}),
        ("databricks", {"environment": "staging", "autotermination_minutes": 0}),
        ("databricks", {"node_type": "Standard_NC24ads_A100_v4"}),
        ("azure_openai", {}),
        ("azure_openai", {"model": "gpt-4o", "sku": "Standard"}),
        ("storage", {"environment": "dev"}),
    ],
)
async def test_every_cheaper_option_is_valid_and_cheaper(
    capability: str, values: dict[str, Any]
) -> None:
    before = await cost(capability, **values)
    assert not before.left_out
    options = catalogue()[capability].cheaper(parameters(capability, **values))
    assert options
    for option in options:
        assert asked(capability, **{**values, **option.changes}).problems == ()
        after = await cost(capability, **{**values, **option.changes})
        assert after.monthly_usd < before.monthly_usd, option
