"""Figures of a period, computed from the deployments in a line each. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from orchestration.listing import Summary

GOOD = frozenset({"succeeded", "destroyed"})
BAD = frozenset({"failed", "partly"})
STOPPED = frozenset({"rejected", "cancelled"})
PERIODS = (7, 30, 90, 365)
"""Days."""
_SPANS = {7: 1, 30: 5, 90: 10, 365: 31}
"""Days of one column, so that there are at most twelve."""


@dataclass(frozen=True, slots=True)
class Span:
    """Deployments that were asked for in one span of days, by how they ended."""

    start: datetime
    end: datetime
    good: int
    bad: int
    stopped: int
    under_way: int
    lead_s: float | None
    """The median from ask to done, of those that are done."""
    wait_s: float | None
    """The median of how long sign-off was waited for."""

    @property
    def total(self) -> int:
        return self.good + self.bad + self.stopped + self.under_way

    @property
    def failure_rate(self) -> float | None:
        """Of those that were carried out, the part that did not end as it should."""
        ran = self.good + self.bad
        return self.bad / ran if ran else None


@dataclass(frozen=True, slots=True)
class Typical:
    """Seconds: half of them took at most `median`, nine of ten at most `p90`."""

    count: int
    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class Figures:
    days: int
    spans: tuple[Span, ...]
    whole: Span
    lead: Typical | None
    wait: Typical | None
    cost_by_team: tuple[tuple[str, float], ...]
    """USD a month of what was set up or changed in the period and is there, the dearest first."""


def figures(summaries: Iterable[Summary], *, days: int, now: datetime) -> Figures:
    """Of the deployments that were asked for in the last `days`."""
    since = now - timedelta(days=days)
    asked = [each for each in summaries if since < each.asked_at <= now]
    step = timedelta(days=_SPANS[days])
    columns = ceil(days / _SPANS[days])
    starts = [now - step * (columns - number) for number in range(columns)]
    return Figures(
        days=days,
        spans=tuple(_span(asked, start, start + step) for start in starts),
        whole=_span(asked, since, now),
        lead=typical(_leads(asked)),
        wait=typical(_waits(asked)),
        cost_by_team=_cost_by_team(asked),
    )


def typical(seconds: Sequence[float]) -> Typical | None:
    if not seconds:
        return None
    ordered = sorted(seconds)
    return Typical(len(ordered), _at(ordered, 0.5), _at(ordered, 0.9))


def _at(ordered: Sequence[float], part: float) -> float:
    """The smallest value that at least that part of them does not pass (nearest rank)."""
    return ordered[max(0, ceil(len(ordered) * part) - 1)]


def _span(asked: Iterable[Summary], start: datetime, end: datetime) -> Span:
    within = [each for each in asked if start < each.asked_at <= end]
    ended = Counter(_outcome(each.state) for each in within)
    lead, wait = typical(_leads(within)), typical(_waits(within))
    return Span(
        start,
        end,
        good=ended["good"],
        bad=ended["bad"],
        stopped=ended["stopped"],
        under_way=ended["under way"],
        lead_s=lead.median if lead else None,
        wait_s=wait.median if wait else None,
    )


def _outcome(state: str) -> str:
    if state in GOOD:
        return "good"
    if state in BAD:
        return "bad"
    return "stopped" if state in STOPPED else "under way"


def _leads(asked: Iterable[Summary]) -> list[float]:
    done = (each for each in asked if each.state in GOOD)
    return [(each.ended_at - each.asked_at).total_seconds() for each in done if each.ended_at]


def _waits(asked: Iterable[Summary]) -> list[float]:
    return [each.awaited_s for each in asked if each.awaited_s is not None]


def _cost_by_team(asked: Iterable[Summary]) -> tuple[tuple[str, float], ...]:
    """What was done last in a workspace is what it costs now; a destroyed one costs nothing."""
    present: dict[str, tuple[str, float]] = {}
    for each in sorted(asked, key=lambda summary: summary.asked_at):
        present |= {place: (each.team or "no team", usd) for place, usd in each.costs.items()}
    costs: dict[str, float] = defaultdict(float)
    for team, usd in present.values():
        costs[team] += usd
    dearest = sorted(costs.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple((team, round(usd, 2)) for team, usd in dearest if usd)
