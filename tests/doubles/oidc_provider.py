"""A provider that people sign in with, over real HTTP: discovery, authorize, token and keys of
OpenID Connect, and GitHub's OAuth 2 with its API. Strict about what a client has to get right."""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "signoff-pages", "provider-side-value"
TENANT = "99999999-0000-0000-0000-000000000000"


@dataclass
class OidcProvider:
    """`claims` are those of whoever signs in next; `breaks` is what the next token gets wrong."""

    claims: dict[str, Any] = field(default_factory=dict)
    breaks: dict[str, Any] = field(default_factory=dict)
    emails: list[dict[str, Any]] = field(default_factory=list)
    refuses: bool = False
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    signs_with: RSAKey | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    address: str = ""
    asked: list[Mapping[str, str]] = field(default_factory=list)
    """What clients asked for at authorize."""
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"{self.address}/{TENANT}/v2.0"

    def is_person(self, number: int, *, tenant: str = TENANT) -> None:
        """The person of the sandbox directory with that number signs in next, with Entra."""
        self.claims = {
            "sub": f"sub-{number}",
            "tid": tenant,
            "oid": f"aaaaaaaa-0000-0000-0000-{number:012d}",
        }

    def rotates(self, kid: str = "second") -> None:
        self.key = RSAKey.generate_key(2048, {"kid": kid})

    def app(self) -> web.Application:
        app = web.Application()
        base = f"/{TENANT}/v2.0"
        app.router.add_get(f"{base}/.well-known/openid-configuration", self._discovery)
        app.router.add_get(f"{base}/authorize", self._authorize)
        app.router.add_post(f"{base}/token", self._token)
        app.router.add_get(f"{base}/keys", self._keys)
        app.router.add_get("/login/oauth/authorize", self._authorize)
        app.router.add_post("/login/oauth/access_token", self._access_token)
        app.router.add_get("/api/v3/user/emails", self._emails)
        return app

    async def _discovery(self, _: web.Request) -> web.Response:
        about = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return web.json_response(about)

    async def _keys(self, _: web.Request) -> web.Response:
        return web.json_response(KeySet([self.key]).as_dict(private=False))

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        self.asked.append(asked)
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["state"]) > 20
        back = {"state": asked["state"]}
        if self.refuses:
            back["error"] = "access_denied"
        else:
            code = secrets.token_urlsafe()
            self.codes[code] = asked
            back["code"] = code
        return web.Response(
            status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(back)}"}
        )

    async def _redeemed(self, request: web.Request) -> Mapping[str, str] | None:
        """What was asked for with the code: once, by the client that began, with its verifier."""
        form = await request.post()
        asked = self.codes.pop(str(form.get("code", "")), None)
        challenge = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        right = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "redirect_uri": asked["redirect_uri"] if asked else "",
        }
        if asked is None or any(form.get(name) != value for name, value in right.items()):
            return None
        plain = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        return asked if plain == asked["code_challenge"] else None

    async def _token(self, request: web.Request) -> web.Response:
        asked = await self._redeemed(request)
        if asked is None:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(self.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 3600,
            "nonce": asked["nonce"],
            **self.claims,
            **self.breaks,
        }
        key = self.signs_with or self.key
        header = {"alg": "RS256", "kid": self.key.kid}
        token = jwt.encode(header, {k: v for k, v in claims.items() if v is not None}, key)
        return web.json_response({"token_type": "Bearer", "access_token": "x", "id_token": token})

    async def _access_token(self, request: web.Request) -> web.Response:
        if await self._redeemed(request) is None:
            return web.json_response({"error": "bad_verification_code"})
        return web.json_response({"access_token": "gh-access", "token_type": "bearer"})

    async def _emails(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer gh-access":
            return web.json_response({"message": "Bad credentials"}, status=401)
        return web.json_response(self.emails)


@asynccontextmanager
async def oidc_provider() -> AsyncIterator[OidcProvider]:
    provider = OidcProvider()
    runner = web.AppRunner(provider.app(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        provider.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield provider
    finally:
        await runner.cleanup()
