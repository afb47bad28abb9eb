"""One hop before an HTTP service on loopback, on which things go wrong."""

import asyncio
from collections import deque
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from yarl import URL

_OWN = {"host", "transfer-encoding", "connection", "content-length"}


@dataclass(frozen=True)
class Trouble:
    """What goes wrong with one request; `lose_answer` is after it has been carried out."""

    status: int = 0
    hang: bool = False
    lose_answer: bool = False


class Hop:
    def __init__(self, port: int) -> None:
        self.troubles: deque[Trouble] = deque()
        self.always: Trouble | None = None
        self.url = ""
        self._behind = URL(f"http://127.0.0.1:{port}")

    async def __aenter__(self) -> "Hop":
        self._http = aiohttp.ClientSession(auto_decompress=False)
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def close(self) -> None:
        await self._runner.cleanup()

    async def __aexit__(self, *_: object) -> None:
        await self.close()
        await self._http.close()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        trouble = self.troubles.popleft() if self.troubles else self.always or Trouble()
        if trouble.hang:
            await asyncio.sleep(3600)
        if trouble.status:
            return web.Response(status=trouble.status)
        answer = await self._carried_out(request)
        if trouble.lose_answer and request.transport:
            request.transport.abort()
        return answer

    async def _carried_out(self, request: web.Request) -> web.Response:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _OWN}
        async with self._http.request(
            request.method,
            self._behind.join(URL(request.raw_path, encoded=True)),
            headers=headers,
            data=await request.read(),
            skip_auto_headers=("User-Agent", "Accept", "Content-Type"),
        ) as got:
            passed = {k: v for k, v in got.headers.items() if k.lower() not in _OWN}
            return web.Response(status=got.status, headers=passed, body=await got.read())
