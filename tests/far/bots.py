"""A bot that only listens: what a far side delivers to it, and what it is told to answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.far.site import Site


@dataclass(frozen=True, slots=True)
class Delivered:
    path: str
    body: bytes
    headers: "dict[str, str]"


@dataclass(slots=True)
class ListeningBot:
    """`answers` gives what to answer; `slow_s` makes it think first, for one delivery each."""

    url: str = ""
    delivered: list[Delivered] = field(default_factory=list)
    answers: Callable[[Delivered], Awaitable[web.Response]] | None = None
    slow_s: list[float] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        got = Delivered(request.path, await request.read(), dict(request.headers))
        self.delivered.append(got)
        if self.slow_s:
            await asyncio.sleep(self.slow_s.pop(0))
        return await self.answers(got) if self.answers else web.Response()


@asynccontextmanager
async def listening_bot() -> AsyncIterator[ListeningBot]:
    bot = ListeningBot()
    app = web.Application()
    app.router.add_post("/{path:.*}", bot.take)
    site = await Site(app).start()
    bot.url = site.url
    try:
        yield bot
    finally:
        await site.stop()
