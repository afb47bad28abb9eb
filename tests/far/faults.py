"""What can go wrong between the bot and a far side, one fault for one request."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from aiohttp import web

Picks: TypeAlias = Callable[[web.Request], bool]
RAW = web.RequestKey("raw", bytes)
"""Under this a request has its body."""


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
    """Faults that wait for their request; each strikes as many times as was asked for."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, Picks]] = []
        self.struck: list[Fault] = []

    def add(self, fault: Fault, picks: Picks = writes, *, times: int = 1) -> None:
        self._waiting += [(fault, picks)] * times

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

    @web.middleware
    async def strike(request: web.Request, handler: Callable[..., object]) -> web.StreamResponse:
        request[RAW] = await request.read()
        fault = faults.take(request)
        match fault:
            case None:
                return await handler(request)
            case Answers(status, body, headers):
                return web.json_response(dict(body), status=status, headers=dict(headers))
            case Slow(seconds):
                await asyncio.sleep(seconds)
                return await handler(request)
            case Cut():
                return _cut(request)
            case Dropped(meanwhile):
                await handler(request)
                meanwhile()
                return _cut(request)
            case _:
                assert_never(fault)

    return strike


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
