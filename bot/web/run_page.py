"""The page of one deployment: steps, plan, log, files, decisions, cost, audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from approvals.principals import Principal, Role
from bot.web import run_view
from bot.web.access import Visitor, reader
from bot.web.clicks import answered
from bot.web.cursor import Cursor
from bot.web.refusals import no_page
from bot.web.run_view import PARTS, View, planned_steps, run_state, run_title
from bot.web.site import Site
from orchestration.jobs.log import Run
from orchestration.ports import DeploymentId
from orchestration.record import RenderedFile, Snapshot

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
    view = await seen(site, id, visitor, site.chance())
    runs = await _runs(site, view.snapshot)
    cursor = Cursor(view.snapshot.version, {str(each.run.id): each.last for each in runs})
    return site.page(
        "run",
        **run_view.context(view),
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


async def seen(site: Site, id: DeploymentId, visitor: Visitor, nonce: str) -> View:
    """The deployment as this visitor sees it now."""
    snapshot = await site.record.snapshot(id)
    deployment = snapshot.deployment
    people: tuple[Principal, ...] = await site.around.directory.with_roles(frozenset(Role))
    files: Mapping[str, tuple[RenderedFile, ...]] = {
        step.id: await site.record.files(deployment, step) for step in deployment.steps
    }
    return View(
        snapshot,
        await site.service.card(f"deployment:{id}"),
        tuple(planned_steps(deployment, people, files)),
        await site.record.progress(deployment),
        {person.id: person.name for person in people},
        visitor,
        nonce,
    )


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


def parts(site: Site, view: View) -> Mapping[str, str]:
    """Each part of the page that changes, as it is now."""
    context = run_view.context(view)
    return {name: site.drawing.draw(f"parts/{name}", **context) for name in PARTS}
