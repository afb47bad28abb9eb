"""How it goes: deployments, lead time, approval wait, failures, cost by team, over a period."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.web.access import colleague
from bot.web.figures import PERIODS, Figures, Span, figures
from bot.web.overview import MOST
from bot.web.plots import HEIGHT, WIDTH, Column, Columns, columns
from bot.web.site import Site
from capabilities.cost import usd
from orchestration.cards.values import duration

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot and the table behind it."""

    id: str
    title: str
    summary: str
    columns: Columns
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    legend: tuple[tuple[str, str], ...] = ()


async def analytics(site: Site, request: web.Request) -> web.Response:
    visitor = await colleague(site, request)
    asked = request.query.get("days", "")
    days = next((period for period in PERIODS if str(period) == asked), 30)
    known = await site.overview.summaries()
    found = figures(known, days=days, now=site.around.clock.now())
    return site.page(
        "analytics",
        visitor=visitor,
        figures=found,
        plots=_plots(found),
        periods=PERIODS,
        size=(WIDTH, HEIGHT),
        most=MOST if len(known) >= MOST else 0,
    )


def _plots(found: Figures) -> tuple[Plot, ...]:
    return (
        _outcomes(found),
        _times(found, "lead", "From ask to done", lambda span: span.lead_s),
        _times(found, "wait", "Waiting for sign-off", lambda span: span.wait_s),
        _failures(found),
        *([_costs(found)] if found.cost_by_team else []),
    )


def _outcomes(found: Figures) -> Plot:
    kinds = (("good", "done"), ("stopped", "rejected or cancelled"), ("bad", "failed"))
    legend = (*kinds, ("under_way", "under way"))
    given = [
        Column(
            _day(span.start),
            tuple((k, getattr(span, k), f"{getattr(span, k)} {name}") for k, name in legend),
        )
        for span in found.spans
    ]
    rows = tuple(
        (_days(span), *(str(getattr(span, kind)) for kind, _ in legend)) for span in found.spans
    )
    whole = found.whole
    summary = f"{whole.total} asked for: {whole.good} done, {whole.bad} failed"
    head = ("Asked for", *(name.capitalize() for _, name in legend))
    return Plot("outcomes", "Deployments", summary, columns(given), head, rows, legend)


def _times(found: Figures, id: str, title: str, seconds_of: Callable[[Span], float | None]) -> Plot:
    times = [seconds_of(span) for span in found.spans]
    size, unit = _unit([seconds for seconds in times if seconds])
    given = [
        Column(_day(span.start), (("time", (s or 0) / size, duration_of(s)),))
        for span, s in zip(found.spans, times, strict=True)
    ]
    rows = tuple((_days(span), duration_of(s)) for span, s in zip(found.spans, times, strict=True))
    typical = found.lead if id == "lead" else found.wait
    summary = (
        f"half within {duration_of(typical.median)}, nine of ten within {duration_of(typical.p90)}"
        if typical
        else "none yet"
    )
    plot = columns(given, lambda value: f"{value:g} {unit}", least=1.0)
    return Plot(id, title, summary, plot, ("Asked for", "Median"), rows)


def _failures(found: Figures) -> Plot:
    rates = [span.failure_rate for span in found.spans]
    given = [
        Column(_day(span.start), (("bad", 100 * (rate or 0), _percent(rate)),))
        for span, rate in zip(found.spans, rates, strict=True)
    ]
    rows = tuple(
        (_days(span), _percent(rate), f"{span.bad} of {span.good + span.bad}")
        for span, rate in zip(found.spans, rates, strict=True)
    )
    summary = f"{_percent(found.whole.failure_rate)} of what was carried out"
    head = ("Asked for", "Failed", "Of")
    return Plot(
        "failures", "Failure rate", summary, columns(given, "{:g} %".format, 10.0), head, rows
    )


def _costs(found: Figures) -> Plot:
    given = [Column(team, (("cost", amount, usd(amount)),)) for team, amount in found.cost_by_team]
    rows = tuple((team, usd(amount)) for team, amount in found.cost_by_team)
    whole = sum(amount for _, amount in found.cost_by_team)
    summary = f"{usd(whole)} a month, of what was set up or changed in this time"
    return Plot(
        "costs", "Cost by team", summary, columns(given[:12], _dollars), ("Team", "A month"), rows
    )


def _unit(times: Sequence[float]) -> tuple[int, str]:
    longest = max(times, default=0.0)
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if longest >= 2 * size:
            return size, unit
    return 1, "s"


def duration_of(seconds: float | None) -> str:
    """`40 s`, `6 min`, `3.5 h`, `2.1 d`."""
    if seconds is None:
        return "none"
    if seconds >= 2 * _DAY:
        return f"{seconds / _DAY:.1f} d"
    return f"{seconds / _HOUR:.1f} h" if seconds >= 2 * _HOUR else duration(seconds)


def _dollars(amount: float) -> str:
    return f"${amount / 1000:g}k" if amount >= 1000 else f"${amount:g}"


def _percent(rate: float | None) -> str:
    return "none" if rate is None else f"{100 * rate:.0f} %"


def _day(at: datetime) -> str:
    return f"{at:%d %b}".lstrip("0")


def _days(span: Span) -> str:
    return f"{span.start:%Y-%m-%d} to {span.end:%Y-%m-%d}"
