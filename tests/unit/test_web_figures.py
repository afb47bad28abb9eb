"""The figures of a period and where their columns lie."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from approvals.principals import PrincipalId
from bot.web.figures import PERIODS, figures, typical
from bot.web.plots import HEIGHT, WIDTH, Column, columns, nice
from orchestration.listing import Summary
from orchestration.messages import ThreadId

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
_numbers = count()


def deployed(
    days_ago: float,
    state: str = "succeeded",
    *,
    took_s: float = 60.0,
    team: str = "ml",
    costs: dict[str, float] | None = None,
    awaited_s: float | None = None,
) -> Summary:
    asked = NOW - timedelta(days=days_ago)
    return Summary(
        id=f"d-{next(_numbers)}",
        title="Storage account",
        purpose="provision",
        state=state,
        lead="",
        requester=PrincipalId("ana"),
        thread=ThreadId("infra"),
        asked_at=asked,
        ended_at=asked + timedelta(seconds=took_s),
        team=team,
        environment="dev",
        capabilities=("storage",),
        monthly_usd=None,
        waits_for=frozenset(),
        awaited_s=awaited_s,
        costs=costs or {},
    )


def test_deployments_are_counted_by_how_they_ended() -> None:
    states = ("succeeded", "destroyed", "failed", "partly", "rejected", "cancelled", "applying")
    whole = figures([deployed(1, state) for state in states], days=7, now=NOW).whole
    assert (whole.good, whole.bad, whole.stopped, whole.under_way) == (2, 2, 2, 1)
    assert whole.failure_rate == 0.5


def test_every_deployment_of_a_period_is_in_exactly_one_column() -> None:
    known = [deployed(hours / 24) for hours in range(0, 24 * 400, 5)]
    for days in PERIODS:
        found = figures(known, days=days, now=NOW)
        within = [each for each in known if each.asked_at > NOW - timedelta(days=days)]
        assert sum(span.total for span in found.spans) == len(within) == found.whole.total
        assert len(found.spans) <= 12


def test_nothing_gives_no_figures_rather_than_zero() -> None:
    found = figures([], days=30, now=NOW)
    assert (found.lead, found.wait, found.whole.failure_rate, found.cost_by_team) == (
        None,
        None,
        None,
        (),
    )


def test_typical_is_the_median_and_what_nine_of_ten_do_not_pass() -> None:
    found = typical([float(n) for n in range(1, 11)])
    assert found
    assert (found.count, found.median, found.p90) == (10, 5.0, 9.0)
    assert typical([7.0]) == typical([7.0])


def test_a_workspace_costs_what_was_done_in_it_last() -> None:
    known = [
        deployed(3, costs={"ml": 100.0}),
        deployed(2, costs={"ml": 150.0, "lake": 20.0}),
        deployed(1, team="web", costs={"shop": 300.0}),
        deployed(0.5, "destroyed", costs={"lake": 0.0}),
    ]
    assert figures(known, days=7, now=NOW).cost_by_team == (("web", 300.0), ("ml", 150.0))


@pytest.mark.parametrize(
    ("value", "wanted"), [(0.3, 0.5), (1, 1), (1.1, 2), (2.5, 5), (7, 10), (999, 1000), (1e4, 1e4)]
)
def test_steps_of_an_axis_are_round(value: float, wanted: float) -> None:
    assert nice(value) == pytest.approx(wanted)


def test_columns_lie_within_the_plot_and_on_one_another() -> None:
    parts = (("good", 3.0, ""), ("bad", 7.0, ""))
    found = columns([Column(str(n), parts) for n in range(12)])
    for good, bad in zip(found.bars[::2], found.bars[1::2], strict=True):
        assert bad.y + bad.height == pytest.approx(good.y, abs=0.2)
        assert 0 <= bad.y < good.y < HEIGHT
        assert 0 <= good.x < good.x + good.width <= WIDTH
    assert len(found.marks) == 6
    assert [line.text for line in found.lines] == ["0", "5", "10"]
