"""What can go wrong between the bot and a far side, one fault for one request."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from aiohttp import web

Picks: TypeAlias = Callable[[web.Request], bool]
Handler: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]
RAW = web.RequestKey("raw", bytes)
"""Under this a request has its body."""
ASKED_S = web.RequestKey("asked_s", float)
"""Under this a request has the time at which it came."""


@dataclass(frozen=True, slots=True)
class Answers:
    """This answer instead of doing anything."""

    status: int
    body: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slow:
    """Done as always, but only after a while."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is cut before anything is done."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """All is done, and the answer never arrives; `meanwhile` happens in its place."""

    meanwhile: Callable[[], object] = bool


Fault: TypeAlias = Answers | Slow | Cut | Dropped


def writes(request: web.Request) -> bool:
    return request.method in {"POST", "PUT", "DELETE"}


class Faults:
    """Faults that wait for their request; each strikes as many times as was asked for.

    `done` is told of every request that was handled, with its answer and whether that was lost:
    nobody waited for it any more, or it was dropped.
    """

    def __init__(self) -> None:
        self.done: Callable[[web.Request, web.Response, bool], None] = lambda *_: None
        self._waiting: list[tuple[Fault, Picks]] = []
        self.struck: list[Fault] = []

    def add(self, fault: Fault, picks: Picks = writes, *, times: int = 1) -> None:
        self._waiting += [(fault, picks)] * times

    def remove(self, fault: Fault) -> None:
        """That very one does not strike any more."""
        self._waiting = [one for one in self._waiting if one[0] is not fault]

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, request: web.Request) -> Fault | None:
        for n, (fault, picks) in enumerate(self._waiting):
            if picks(request):
                self.struck.append(fault)
                return self._waiting.pop(n)[0]
        return None


def striking(faults: Faults) -> Callable[..., object]:
    """The middleware that lets them strike."""

    async def handle(
        request: web.Request, handler: Handler, *, dropped: bool = False
    ) -> web.Response:
        answer = await handler(request)
        left = request.transport is None or request.transport.is_closing()
        faults.done(request, answer, dropped or left)
        return answer

    @web.middleware
    async def strike(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[ASKED_S] = time.time()
        request[RAW] = await request.read()
        fault = faults.take(request)
        match fault:
            case None:
                return await handle(request, handler)
            case Answers(status, body, headers):
                return web.json_response(dict(body), status=status, headers=dict(headers))
            case Slow(seconds):
                await asyncio.sleep(seconds)
                return await handle(request, handler)
            case Cut():
                return _cut(request)
            case Dropped(meanwhile):
                await handle(request, handler, dropped=True)
                meanwhile()
                return _cut(request)
            case _:
                assert_never(fault)

    return strike


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
