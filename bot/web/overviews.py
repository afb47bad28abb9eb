"""What waits for whom, and what was: lists of deployments for those who are signed in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from urllib.parse import urlencode

from aiohttp import web

from approvals.principals import Role
from bot.web.access import colleague, visiting
from bot.web.site import Site
from orchestration.listing import Summary, asked_by
from orchestration.standing import FINAL

ON_A_PAGE = 25
STATES = ("planning", "awaiting", "queued", "applying", *sorted(FINAL))


async def home(site: Site, request: web.Request) -> web.Response:
    """Where somebody begins who knows no more than the address."""
    visitor = await visiting(site, request)
    if visitor.person is None:
        return site.page("home", visitor=visitor)
    return web.Response(status=302, headers={"Location": "/waiting"})


async def waiting(site: Site, request: web.Request) -> web.Response:
    """What the person could decide, and what they asked for and is not done."""
    visitor = await colleague(site, request)
    assert visitor.person
    known = await site.overview.summaries()
    return site.page(
        "waiting",
        visitor=visitor,
        names=await names(site),
        wanted=await site.service.waiting_for(visitor.person.id),
        mine=[s for s in asked_by(known, visitor.person.id) if s.state not in FINAL],
    )


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for in the address; "" where anything will do."""

    state: str = ""
    team: str = ""
    environment: str = ""
    capability: str = ""
    who: str = ""
    text: str = ""
    since: str = ""
    until: str = ""

    @property
    def given(self) -> Mapping[str, str]:
        pairs = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: value for name, value in pairs if value}

    def address(self, page: int) -> str:
        return f"/history?{urlencode({**self.given, 'page': page})}"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: what there is."""

    team: Sequence[str]
    environment: Sequence[str]
    capability: Sequence[str]
    who: Sequence[str]
    state: Sequence[str] = field(default=STATES)


async def history(site: Site, request: web.Request) -> web.Response:
    """Deployments that pass the filters, the newest first, page by page."""
    visitor = await colleague(site, request)
    known = await site.overview.summaries()
    wanted = Filters(**{f.name: request.query.get(f.name, "")[:200] for f in fields(Filters)})
    found = [summary for summary in known if _passes(summary, wanted)]
    pages = max(1, -(-len(found) // ON_A_PAGE))
    number = min(_number(request.query.get("page", "")), pages)
    return site.page(
        "history",
        visitor=visitor,
        names=await names(site),
        filters=wanted,
        choices=_choices(known),
        found=found[(number - 1) * ON_A_PAGE : number * ON_A_PAGE],
        count=len(found),
        number=number,
        pages=pages,
    )


async def names(site: Site) -> Mapping[str, str]:
    people = await site.around.directory.with_roles(frozenset(Role))
    return {person.id: person.name for person in people}


def _passes(summary: Summary, wanted: Filters) -> bool:
    exact = {
        "state": (summary.state,),
        "team": (summary.team,),
        "environment": (summary.environment,),
        "capability": summary.capabilities,
        "who": (summary.requester,),
    }
    asked = summary.asked_at.date().isoformat()
    words = f"{summary.id} {summary.title} {summary.lead} {summary.requester}".casefold()
    return (
        all(
            not getattr(wanted, name) or getattr(wanted, name) in has for name, has in exact.items()
        )
        and all(word in words for word in wanted.text.casefold().split())
        and (not _day(wanted.since) or asked >= wanted.since)
        and (not _day(wanted.until) or asked <= wanted.until)
    )


def _day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _number(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1


def _choices(known: Iterable[Summary]) -> Choices:
    known = tuple(known)
    return Choices(
        team=sorted({each.team for each in known if each.team}),
        environment=sorted({each.environment for each in known}),
        capability=sorted({name for each in known for name in each.capabilities}),
        who=sorted({each.requester for each in known}),
    )
