"""The page as it changes: server-sent events with the parts that are new and the lines of the log.

A browser that reconnects says what it saw last and gets what came since.
Source: HTML Living Standard, 9.2 Server-sent events.
"""

import json
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.web.access import reader
from bot.web.cursor import Cursor, parsed
from bot.web.headers import secured
from bot.web.run_page import seen
from bot.web.run_view import run_state, run_title
from bot.web.site import Site
from bot.web.visitor import Visitor
from orchestration.deployment import Deployment
from orchestration.errors import SignoffError
from orchestration.jobs.log import Run
from orchestration.ports import ApplyProgress, DeploymentId
from orchestration.standing import is_final

LOOK_EVERY_S = 0.5
LOOK_AGAIN_S = 3.0
"""When the deployment has ended: it can be retried."""
_COMMENT_EVERY = 10
"""Looks without news before a comment is sent, so that nothing between takes it for dead."""
_LASTS = timedelta(minutes=10)
"""Then the browser comes again, and whether it may look is checked anew."""
_log = logging.getLogger(__name__)


async def live(site: Site, request: web.Request) -> web.StreamResponse:
    visitor = await reader(site, request)
    if site.streams.full:
        return web.Response(status=503, headers={"Retry-After": "10"})
    cursor = parsed(request.headers.get("Last-Event-ID") or request.query.get("after", ""))
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
    )
    secured(response, tls=site.config.secure)
    await response.prepare(request)
    with site.streams.one():
        follower = Follower(site, DeploymentId(request.match_info["id"]), visitor, cursor)
        await response.write(b"retry: 2000\n\n")
        try:
            await _follow(site, follower, response)
        except ConnectionError:  # the browser has gone
            pass
        except SignoffError:  # it has begun, so no page can say it; the browser comes again
            _log.warning("live_page_ended", exc_info=True)
    return response


async def _follow(site: Site, follower: "Follower", response: web.StreamResponse) -> None:
    until = site.around.clock.now() + _LASTS
    quiet = 0
    while site.around.clock.now() < until:
        quiet += 1
        async for message in follower.news():
            await response.write(message)
            quiet = 0
        if quiet >= _COMMENT_EVERY:
            await response.write(b": still here\n\n")
            quiet = 0
        if not await site.streams.pause(LOOK_AGAIN_S if follower.ended else LOOK_EVERY_S):
            return


class Follower:
    """What one browser has seen of a deployment, and what is new to it."""

    def __init__(self, site: Site, id: DeploymentId, visitor: Visitor, cursor: Cursor) -> None:
        self._site = site
        self._id = id
        self._visitor = visitor
        self._version = cursor.version
        self._lines = dict(cursor.lines)
        self._deployment: Deployment | None = None
        self._progress: Mapping[str, ApplyProgress] = {}
        self._parts: Mapping[str, str] = {}
        self._states: dict[str, str] = {}
        self._nonce = site.chance()

    @property
    def ended(self) -> bool:
        return self._deployment is not None and is_final(self._deployment)

    async def news(self) -> AsyncIterator[bytes]:
        """The events of one look."""
        version = await self._site.record.version(self._id)
        if self._deployment is None:
            self._deployment = (await self._site.record.snapshot(self._id)).deployment
        progress = await self._site.record.progress(self._deployment)
        if version != self._version or progress != self._progress:
            for name, html in await self._changed():
                yield self._event("part", {"part": name, "html": html})
        for run in await self._site.record.runs(self._id):
            async for event in self._of(self._deployment, run):
                yield event

    async def _changed(self) -> list[tuple[str, str]]:
        view, drawn = await seen(self._site, self._id, self._visitor, self._nonce)
        self._deployment, self._version = view.deployment, view.snapshot.version
        self._progress = view.progress
        changed = [(name, html) for name, html in drawn.items() if self._parts.get(name) != html]
        self._parts = drawn
        return changed

    async def _of(self, deployment: Deployment, run: Run) -> AsyncIterator[bytes]:
        key, state = str(run.id), run_state(deployment, run)
        shown = self._lines.get(key, 0)
        lines: tuple[str, ...] = ()
        if run.ended is None or shown < run.chunks:
            found = await self._site.record.lines(self._id, run.id, shown)
            lines, shown = found.lines, max(found.last, run.chunks)
        if lines or self._states.get(key) != state:
            self._states[key], self._lines[key] = state, shown
            title = run_title(deployment, run)
            yield self._event("log", {"run": key, "title": title, "state": state, "lines": lines})

    def _event(self, kind: str, body: dict[str, Any]) -> bytes:
        cursor = Cursor(self._version, self._lines)
        return f"id: {cursor}\nevent: {kind}\ndata: {json.dumps(body)}\n\n".encode()
