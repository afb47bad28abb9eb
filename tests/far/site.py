"""A server on loopback that can really go away: while it is down, connections to it are refused."""

import asyncio
from ssl import SSLContext

from aiohttp import web

HOST = "127.0.0.1"


class Site:
    """Serves an application on one port, which it keeps while it is down."""

    def __init__(self, app: web.Application, *, tls: SSLContext | None = None) -> None:
        self._tls = tls
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        self._site: web.TCPSite | None = None
        self.port = 0

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{HOST}:{self.port}"

    async def start(self) -> "Site":
        await self._runner.setup()
        await self.up()
        return self

    async def up(self) -> None:
        """Listen, on the port of before if there was one."""
        if self._site is None:
            self._site = web.TCPSite(
                self._runner, HOST, self.port, ssl_context=self._tls, reuse_address=True
            )
            await self._site.start()
            self.port = self._runner.addresses[0][1]

    async def down(self) -> None:
        """Refuse connections, and cut those that are open."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        server = self._runner.server
        for handler in list(server.connections if server else ()):
            if handler.transport is not None:
                handler.transport.abort()
        await asyncio.sleep(0.01)  # until those at the other ends have noticed

    async def stop(self) -> None:
        await self._runner.cleanup()
