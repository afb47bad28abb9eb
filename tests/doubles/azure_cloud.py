"""Azure as Terraform reaches it, on loopback: its own names over TLS, by way of a proxy that knows
only them.

The storage accounts are Azurite's, which believes bearer tokens and no signatures; tokens are given
out as Entra does for a federated token, and as the endpoint of a container does for its identity.

Source: Microsoft identity platform, client credentials with a federated assertion; Azure Container
Apps, "Managed identities: REST endpoint reference".
"""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from tests.doubles.arm import ARM_HOST, DATABRICKS, MANAGEMENT, ManagerDouble
from tests.doubles.azurite import azurite, tls
from tests.doubles.certificates import Certificate

TENANT = "99999999-0000-0000-0000-000000000000"
CLIENT = "cccccccc-0000-0000-0000-000000000000"
IDENTITY_HEADER = "header-that-proves-the-container"
FEDERATED = "federated-token-of-the-cluster"
ACCOUNT = "stsignoffdev"
LOGIN = "login.microsoftonline.com"
STORAGE = "https://storage.azure.com"
AUDIENCES = (STORAGE, MANAGEMENT, DATABRICKS)


@dataclass
class AzureCloud:
    """What a process needs to find it, and what was asked of it."""

    proxy: str
    certificate: Path
    identity_endpoint: str
    account_key: str = field(repr=False)
    blob_port: int = 0
    manager: ManagerDouble = field(default_factory=ManagerDouble)
    tokens: list[str] = field(default_factory=list)
    """Who was given a token: `container` or `cluster`."""
    refused: list[str] = field(default_factory=list)
    """Hosts that somebody wanted to reach and that do not exist here."""

    @property
    def environment(self) -> Mapping[str, str]:
        proxy = {"HTTPS_PROXY": self.proxy, "NO_PROXY": "127.0.0.1"}
        return {**proxy, "SSL_CERT_FILE": str(self.certificate)}


@asynccontextmanager
async def azure_cloud(folder: Path) -> AsyncIterator[AzureCloud]:
    host = f"{ACCOUNT}.blob.core.windows.net"
    certificate = Certificate.made(folder, host, LOGIN, ARM_HOST)
    cloud = AzureCloud("", certificate.path, "", "")
    with azurite(*tls(certificate.path, certificate.key), account=ACCOUNT) as storage:
        cloud.account_key, cloud.blob_port = storage.key, storage.port
        async with (
            cloud.manager.listening(certificate) as arm_port,
            _tokens(cloud, certificate) as (login_port, endpoint),
        ):
            cloud.identity_endpoint = endpoint
            ports = {f"{host}:443": storage.port, f"{LOGIN}:443": login_port}
            ports[f"{ARM_HOST}:443"] = arm_port
            async with _proxy(cloud, ports) as cloud.proxy:
                yield cloud


@asynccontextmanager
async def _tokens(cloud: AzureCloud, certificate: Certificate) -> AsyncIterator[tuple[int, str]]:
    async def login(request: web.Request) -> web.Response:
        form = await request.post()
        wanted = {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_assertion": FEDERATED,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        }
        audience = str(form.get("scope")).removesuffix("/.default")
        if {key: form.get(key) for key in wanted} != wanted or audience not in AUDIENCES:
            return web.json_response({"error": "invalid_client"}, status=401)
        cloud.tokens.append("cluster")
        return web.json_response(_token(audience))

    async def container(request: web.Request) -> web.Response:
        audience = request.query.get("resource", "").rstrip("/")
        asked = {**request.query, "resource": audience}
        wanted = {"api-version": "2019-08-01", "resource": audience, "client_id": CLIENT}
        shown = request.headers.get("X-IDENTITY-HEADER")
        if asked != wanted or audience not in AUDIENCES or shown != IDENTITY_HEADER:
            return web.json_response({"statusCode": 400, "message": str(asked)}, status=400)
        cloud.tokens.append("container")
        return web.json_response(_token(audience))

    app = web.Application()
    app.router.add_post(f"/{TENANT}/oauth2/v2.0/token", login)
    app.router.add_get("/msi/token", container)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=certificate.server()).start()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        (_, login_port), (_, plain_port) = (address[:2] for address in runner.addresses)
        yield login_port, f"http://127.0.0.1:{plain_port}/msi/token"
    finally:
        await runner.cleanup()


def _token(audience: str) -> Mapping[str, object]:
    """As Azurite looks at it: issuer, audience, times; nobody has signed it."""
    now = int(time.time())
    claims = {"aud": audience, "iss": f"https://sts.windows.net/{TENANT}/", "iat": now - 60}
    parts = ({"alg": "RS256", "typ": "JWT"}, claims | {"nbf": now - 60, "exp": now + 3600})
    texts = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    token = ".".join([*texts, "c2lnbmF0dXJl"])
    return {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": 3600,
        "expires_on": str(now + 3600),
        "resource": audience,
    }


@asynccontextmanager
async def _proxy(cloud: AzureCloud, ports: Mapping[str, int]) -> AsyncIterator[str]:
    """Takes known names to ports of this machine; the rest of the world is not there."""
    open_pipes: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, *_ = head.split()
        if method != "CONNECT" or target not in ports:
            cloud.refused.append(target)
            writer.write(b"HTTP/1.1 502 Not here\r\n\r\n")
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", ports[target])
        try:
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))
        finally:
            far_writer.transport.abort()

    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await serve(reader, writer)
        finally:
            writer.close()

    def begun(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(closing(reader, writer))
        open_pipes.add(task)
        task.add_done_callback(open_pipes.discard)

    server = await asyncio.start_server(begun, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tuple(open_pipes):
            task.cancel()
        await asyncio.gather(*open_pipes, return_exceptions=True)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while content := await reader.read(65536):
            writer.write(content)
            await writer.drain()
        writer.write_eof()
