"""What stands before the replicas: it alternates between them, and passes over one that is gone."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle

import aiohttp
from aiohttp import web

from tests.far.site import Site

_HOP = frozenset({"host", "content-length", "transfer-encoding", "connection"})


class Balancer:
    """`answered` counts answers by replica and status. A request that was begun is not sent again:
    whoever made it does that."""

    def __init__(self, replicas: Sequence[str], http: aiohttp.ClientSession) -> None:
        self.answered: Counter[tuple[str, int]] = Counter()
        self._replicas = replicas
        self._next = cycle(range(len(replicas)))
        self._http = http

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        first = next(self._next)
        for number in range(len(self._replicas)):
            replica = self._replicas[(first + number) % len(self._replicas)]
            try:
                return await self._passed(replica, request, body)
            except aiohttp.ClientConnectorError:
                continue
            except aiohttp.ClientError:
                self.answered[replica, 502] += 1
                return web.Response(status=502)
        self.answered["nobody", 503] += 1
        return web.Response(status=503)

    async def _passed(self, replica: str, request: web.Request, body: bytes) -> web.Response:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        async with self._http.request(
            request.method, replica + request.path_qs, data=body, headers=headers
        ) as answer:
            content = await answer.read()
        self.answered[replica, answer.status] += 1
        kept = {"Content-Type": answer.headers.get("Content-Type", "text/plain")}
        return web.Response(status=answer.status, body=content, headers=kept)


@asynccontextmanager
async def balancer(replicas: Sequence[str]) -> AsyncIterator[tuple[Balancer, str]]:
    """With its address."""
    connections = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connections, auto_decompress=True) as http:
        there = Balancer(replicas, http)
        app = web.Application(client_max_size=4 * 1024**2)
        app.router.add_route("*", "/{path:.*}", there.take)
        site = await Site(app).start()
        try:
            yield there, site.url
        finally:
            await site.stop()
