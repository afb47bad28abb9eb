"""What goes wrong next, told over HTTP to a double that is a process of its own.

POST /_control/faults   {"fault": "answers", "status": 429, "retry_after_ms": 50, "times": 20}
                        answers | slow (seconds) | cut | dropped; "on": items, reads or writes
DELETE /_control/faults
POST /_control/slow     {"seconds": 1.5, "for_s": 10}     answers take that long, for that long
POST /_control/away     {"seconds": 30}     connections are refused for that long
POST /_control/clock    {"seconds": 3600}   the service's clock goes on by that
GET  /_control/         what was asked, what was charged, and how many faults have struck
"""

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.far.cosmos.double import CosmosDouble, items, reads, writes
from tests.far.faults import Answers, Cut, Dropped, Fault, Picks, Slow

_ON: Mapping[str, Picks] = {"items": items, "reads": reads, "writes": writes}
_ALL = 10_000
"""Requests: more than there are in a while."""


class MovableClock:
    """The machine's clock, and what it was moved by."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


class Control:
    def __init__(self, double: CosmosDouble, clock: MovableClock) -> None:
        self._double = double
        self._clock = clock
        self._going_on: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_control/", self._told),
            web.post("/_control/faults", self._add),
            web.delete("/_control/faults", self._clear),
            web.post("/_control/slow", self._slow),
            web.post("/_control/away", self._away),
            web.post("/_control/clock", self._move),
        ]

    async def _told(self, request: web.Request) -> web.Response:
        double = self._double
        charged = {name: round(charge, 2) for name, charge in double.charged.items()}
        struck = len(double.faults.struck)
        return web.json_response({"asked": double.requests, "charged": charged, "struck": struck})

    async def _add(self, request: web.Request) -> web.Response:
        asked = await request.json()
        try:
            fault, picks = _fault(asked), _ON[asked.get("on", "items")]
        except (KeyError, ValueError) as error:
            raise web.HTTPBadRequest(text=f"no such fault: {error}") from error
        self._double.faults.add(fault, picks, times=asked.get("times", 1))
        return web.json_response({})

    async def _clear(self, request: web.Request) -> web.Response:
        self._double.faults.clear()
        return web.json_response({})

    async def _slow(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self._begin(self._slow_down(Slow(float(asked["seconds"])), float(asked["for_s"])))
        return web.json_response({})

    async def _slow_down(self, fault: Slow, for_s: float) -> None:
        self._double.faults.add(fault, items, times=_ALL)
        await asyncio.sleep(for_s)
        self._double.faults.remove(fault)

    async def _away(self, request: web.Request) -> web.Response:
        self._begin(self._leave(float((await request.json())["seconds"])))
        return web.json_response({})

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)

    async def _leave(self, seconds: float) -> None:
        """A moment later, so that whoever asked for it is answered."""
        await asyncio.sleep(0.05)
        await self._double.away(seconds)

    async def _move(self, request: web.Request) -> web.Response:
        self._clock.advance(float((await request.json())["seconds"]))
        return web.json_response({})


def _fault(asked: Mapping[str, Any]) -> Fault:
    """Raises: KeyError, ValueError - there is none like that."""
    match asked["fault"]:
        case "answers":
            wait = {"x-ms-retry-after-ms": str(asked["retry_after_ms"])}
            return Answers(int(asked["status"]), headers=wait if "retry_after_ms" in asked else {})
        case "slow":
            return Slow(float(asked["seconds"]))
        case "cut":
            return Cut()
        case "dropped":
            return Dropped()
        case other:
            raise ValueError(other)
