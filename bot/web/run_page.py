"""The page of one deployment: steps, plan, log, files, decisions, cost, audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from markupsafe import Markup

from bot.web import run_view
from bot.web.access import reader
from bot.web.clicks import answered
from bot.web.cursor import Cursor
from bot.web.refusals import no_page
from bot.web.run_view import OWN, View, run_state, run_title
from bot.web.site import Site
from bot.web.visitor import Visitor
from orchestration.jobs.log import Run
from orchestration.ports import DeploymentId
from orchestration.record import Snapshot

SHOWN_LINES, SHOWN_BEFORE = 2000, 300
"""Of the newest run, and of each before it; the whole log is a link away."""


@dataclass(frozen=True, slots=True)
class ShownRun:
    run: Run
    title: str
    state: str
    lines: Sequence[str]
    last: int


async def run_page(site: Site, request: web.Request) -> web.Response:
    visitor = await reader(site, request)
    id = DeploymentId(request.match_info["id"])
    view, parts = await seen(site, id, visitor, site.chance())
    runs = await _runs(site, view.snapshot)
    cursor = Cursor(view.snapshot.version, {str(each.run.id): each.last for each in runs})
    return site.page(
        "run",
        view=view,
        visitor=visitor,
        parts={name: Markup(html) for name, html in parts.items()},  # noqa: S704 - drawn by us
        runs=runs,
        cursor=str(cursor),
        answer=await answered(site, id, request, visitor),
        back=str(request.rel_url),
    )


async def log_text(site: Site, request: web.Request) -> web.Response:
    """The whole log of one run as text."""
    await reader(site, request)
    id = DeploymentId(request.match_info["id"])
    wanted = request.match_info["run"]
    run = next((run for run in await site.record.runs(id) if str(run.id) == wanted), None)
    if run is None:
        raise no_page()
    text = await site.record.whole_log(id, run)
    name = f"{id}-{wanted.replace('/', '-')}.log"
    shown = {"Content-Disposition": f'inline; filename="{name}"'}
    return web.Response(text=text, content_type="text/plain", headers=shown)


async def seen(
    site: Site, id: DeploymentId, visitor: Visitor, nonce: str
) -> tuple[View, Mapping[str, str]]:
    """The deployment as this visitor sees it now, and each part of its page that changes."""
    drawn = await site.shelf.of(id)
    shown = drawn.shown
    view = View(
        shown.snapshot,
        shown.steps,
        shown.people,
        await site.service.card(f"deployment:{id}"),
        await site.record.progress(shown.deployment),
        visitor,
        nonce,
    )
    words = run_view.words_for()
    own = {n: site.drawing.draw(f"parts/{n}", view=view, visitor=visitor, **words) for n in OWN}
    return view, {**own, **drawn.html}


async def _runs(site: Site, snapshot: Snapshot) -> list[ShownRun]:
    deployment = snapshot.deployment
    found = []
    runs = await site.record.runs(deployment.id)
    for run in runs:
        most = SHOWN_LINES if run == runs[-1] else SHOWN_BEFORE
        lines = await site.record.log(deployment.id, run, most=most)
        title, state = run_title(deployment, run), run_state(deployment, run)
        found.append(ShownRun(run, title, state, lines.lines, lines.last))
    return found
