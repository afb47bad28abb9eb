"""The process's identity, for Terraform: an endpoint like that of a virtual machine.

Terraform's `azurerm` backend knows no other kind, and Container Apps and App Service have another
one. It listens on loopback, under a path that only Terraform's environment holds; no token is in a
file, an argument or an environment.

Source: Azure Instance Metadata Service, tokens (2018-02-01).
"""

import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from orchestration.adapters.azure.failures import translated
from orchestration.adapters.azure.identity import Identity
from orchestration.errors import TemporaryError

_WITHIN_S = 20.0
_RESOURCE = re.compile(r"https://|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
"""An address, or the id of an application, as for Databricks."""


@asynccontextmanager
async def token_endpoint(identity: Identity) -> AsyncIterator[str]:
    """The address at which Terraform gets tokens, for as long as this is open."""
    path = f"/{secrets.token_urlsafe(32)}"
    app = web.Application()
    app.router.add_get(path, _answering(identity))
    runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}{path}"
    finally:
        await runner.cleanup()


def _answering(
    identity: Identity,
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        resource = request.query.get("resource", "")
        if request.headers.get("Metadata") != "true" or not _RESOURCE.match(resource):
            return _refused(400, "Metadata: true and a resource have to be given")
        doing = f"getting a token for {resource!r}"
        try:
            async with translated(doing, within_s=_WITHIN_S):
                token = await identity.get_token(f"{resource.rstrip('/')}/.default")
        except TemporaryError as error:
            return _refused(503, str(error))
        left_s = token.expires_on - int(time.time())
        given = {"access_token": token.token, "token_type": "Bearer", "resource": resource}
        times = {"expires_in": str(left_s), "expires_on": str(token.expires_on)}
        return web.json_response(given | times)

    return answer


def _refused(status: int, why: str) -> web.Response:
    body = {"error": "unavailable", "error_description": why}
    return web.json_response(body, status=status)
