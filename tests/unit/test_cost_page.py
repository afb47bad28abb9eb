"""What the page on cost says follows from what was measured, assumed and looked up."""

import pytest

from benchmarks import cost


def test_the_page_is_what_its_sources_give() -> None:
    told = "run `python -m benchmarks cost`"
    assert cost.PAGE.read_text("utf-8") == cost.page(), told


def test_every_price_is_used_and_says_where_it_comes_from() -> None:
    for price in cost.prices():
        assert price["source"]
        assert price["as_of"]


@pytest.mark.parametrize("volume", cost.VOLUMES)
def test_twice_the_conversations_cost_at_most_twice_and_never_less(volume: int) -> None:
    once, twice = (sum(row.usd for row in cost.rows(n)) for n in (volume, 2 * volume))
    assert once <= twice


def test_a_deployment_of_nobody_costs_the_least_that_runs() -> None:
    least = cost.needs(1)
    assert (least.serve, least.work, least.max_ru_s) == (2, 2, 1000)
