"""A strict double of Azure Key Vault's keys over real TLS, with the private halves of its own.

It enforces what the vault enforces: a token for its own audience, asked for by a challenge that
names it; an API version; an enabled version of a key that exists; RSA-OAEP-256. Faults are queued
and used up one per request that shows a token.

Source: Azure Key Vault REST API 7.x, keys: get, wrapkey, unwrapkey; authentication, requests and
responses.
"""

import base64
import re
import ssl
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import AioHttpTransport
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.doubles.certificates import Certificate

DOMAIN = "vault.signoff.example"
TENANT = "99999999-0000-0000-0000-000000000000"
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


@dataclass
class Version:
    id: str
    private: rsa.RSAPrivateKey
    enabled: bool = True
    attributes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    status: int
    code: str = "Injected"
    headers: Mapping[str, str] = field(default_factory=dict)


class Person:
    """Satisfies `AsyncTokenCredential`; gives the token that `Vault` believes for the scope."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.asked.extend(scopes)
        return AccessToken(f"for {scopes[0]}", 4_000_000_000)

    async def close(self) -> None: ...

    async def __aenter__(self) -> "Person":
        return self

    async def __aexit__(self, *_: object) -> None: ...


class Vault:
    def __init__(self, folder: Path) -> None:
        self._host = f"house-{uuid4().hex[:8]}.{DOMAIN}"
        """Another one each time: the SDK remembers, per process, what a host asked for."""
        self._certificate = Certificate.made(folder, self._host)
        self.keys: dict[str, list[Version]] = {}
        self.faults: deque[Fault] = deque()
        self.asked: list[str] = []
        self.resource = f"https://{DOMAIN}"
        self.url = f"https://{self._host}"

    def add(self, name: str, **more: Any) -> Version:
        private = rsa.generate_private_key(65537, 2048)
        id = f"{self.url}/keys/{name}/{uuid4().hex}"
        self.keys.setdefault(name, []).append(Version(id, private, **more))
        return self.keys[name][-1]

    async def __aenter__(self) -> "Vault":
        app = web.Application()
        app.router.add_get("/keys/{name}/{version:[^/]*}", self._guarded(_shown))
        app.router.add_post("/keys/{name}/{version}/wrapkey", self._guarded(_wrapped))
        app.router.add_post("/keys/{name}/{version}/unwrapkey", self._guarded(_unwrapped))
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        server = self._certificate.server()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=server).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def transport(self) -> AioHttpTransport:
        """What takes the SDK here: our name and our certificate, and nothing else of it changed."""
        trusting = ssl.create_default_context(cafile=str(self._certificate.path))
        connector = aiohttp.TCPConnector(resolver=_Loopback(self._host, self._port), ssl=trusting)
        return AioHttpTransport(session=aiohttp.ClientSession(connector=connector))

    def _guarded(self, answer: Any) -> Any:
        async def handle(request: web.Request) -> web.Response:
            if request.headers.get("Authorization") != f"Bearer for {self.resource}/.default":
                return self._challenge(await request.read())
            self.asked.append(f"{request.method} {request.path}")
            if self.faults:
                fault = self.faults.popleft()
                return _problem(fault.status, fault.code, fault.headers)
            if not re.fullmatch(r"7\.\d|20\d\d-\d\d-\d\d", request.query.get("api-version", "")):
                return _problem(400, "BadParameter")
            return await self._answered(request, answer)

        return handle

    async def _answered(self, request: web.Request, answer: Any) -> web.Response:
        versions = self.keys.get(request.match_info["name"], [])
        wanted = request.match_info["version"]
        found = [v for v in versions if not wanted or v.id.endswith(f"/{wanted}")]
        if not found:
            return _problem(404, "KeyNotFound")
        if not found[-1].enabled:
            return _problem(403, "Forbidden")
        response: web.Response = await answer(request, found[-1])
        return response

    def _challenge(self, body: bytes) -> web.Response:
        """Nothing may be said before it is known who listens."""
        assert not body, "the body was sent without a token"
        where = f'authorization="https://login.example/{TENANT}", resource="{self.resource}"'
        return web.Response(status=401, headers={"WWW-Authenticate": f"Bearer {where}"})


async def _shown(_request: web.Request, version: Version) -> web.Response:
    numbers = version.private.public_key().public_numbers()
    key = {
        "kid": version.id,
        "kty": "RSA",
        "key_ops": ["wrapKey", "unwrapKey"],
        "n": _text(numbers.n.to_bytes(256, "big")),
        "e": _text(numbers.e.to_bytes(3, "big")),
    }
    attributes = {"enabled": True, **version.attributes}
    return web.json_response({"key": key, "attributes": attributes})


async def _wrapped(request: web.Request, version: Version) -> web.Response:
    content = await _content(request)
    if content is None:
        return _problem(400, "BadParameter")
    return _result(version, version.private.public_key().encrypt(content, _OAEP))


async def _unwrapped(request: web.Request, version: Version) -> web.Response:
    content = await _content(request)
    try:
        return _result(version, version.private.decrypt(content or b"", _OAEP))
    except ValueError:
        return _problem(400, "BadParameter")


async def _content(request: web.Request) -> bytes | None:
    body = await request.json()
    if body.keys() != {"alg", "value"} or body["alg"] != "RSA-OAEP-256":
        return None
    return base64.urlsafe_b64decode(body["value"] + "==")


def _result(version: Version, content: bytes) -> web.Response:
    return web.json_response({"kid": version.id, "value": _text(content)})


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _problem(status: int, code: str, headers: Mapping[str, str] | None = None) -> web.Response:
    body = {"error": {"code": code, "message": f"{code}: what was sent was secret-in-a-message"}}
    return web.json_response(body, status=status, headers=headers)


class _Loopback(AbstractResolver):
    """Takes one host to a port of this machine, whatever port it is asked at."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        if host != self._host:
            raise OSError(f"nobody is called {host}")
        found = ResolveResult(
            hostname=host, host="127.0.0.1", port=self._port, family=2, proto=0, flags=0
        )
        return [found]

    async def close(self) -> None: ...
