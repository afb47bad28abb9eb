"""Signs like the Bot Framework's channel does, with keys of its own: `login.botframework.com`.

A far side that speaks like Teams mounts it beside its routes; tests of tokens need `listening`.
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

ISSUER = "https://api.botframework.com"
METADATA = "/v1/.well-known/openidconfiguration"
_KEYS = "/v1/.well-known/keys"
_VALID_S = 3600


class TeamsIssuer:
    """Issues tokens for the bot `app_id`; `down` makes it answer 503, `asked` counts key fetches.

    Its first key is `teams`, endorsed for the channel `msteams`; `webchat` is endorsed for another.
    """

    def __init__(self, app_id: str) -> None:
        self.app_id = app_id
        self.url = ""
        """Where it is mounted, e.g. `http://127.0.0.1:9801`; known once that listens."""
        self.down = False
        self.asked = 0
        self._signing = "teams"
        self._keys = {"teams": _first_key("teams"), "webchat": _first_key("webchat")}
        self._endorsed = {"teams": ["msteams"], "webchat": ["webchat"]}

    @property
    def openid_url(self) -> str:
        return self.url + METADATA

    def mount(self, app: web.Application) -> None:
        app.router.add_get(METADATA, self._metadata)
        app.router.add_get(_KEYS, self._published)

    def rotate(self, kid: str) -> None:
        """Sign with a new key from now on; the old one is no longer published."""
        self._keys = {kid: _key(), "webchat": self._keys["webchat"]}
        self._endorsed[kid] = ["msteams"]
        self._signing = kid

    def claims(self, service_url: str) -> dict[str, Any]:
        """What the channel claims with an activity that names this `serviceUrl`."""
        now = int(time.time())
        valid = {"nbf": now - 10, "exp": now + _VALID_S}
        return {"iss": ISSUER, "aud": self.app_id, "serviceurl": service_url, **valid}

    def token(
        self,
        service_url: str,
        *,
        kid: str = "",
        key: Any = None,
        algorithm: str = "RS256",
        without: Sequence[str] = (),
        claims: Mapping[str, Any] | None = None,
    ) -> str:
        """A token for an activity; what is named differs from what the channel would sign."""
        said = {**self.claims(service_url), **(claims or {})}
        kept = {name: value for name, value in said.items() if name not in without}
        kid = kid or self._signing
        signing: Any = self._keys.get(kid) if key is None else key
        return jwt.encode(kept, signing, algorithm=algorithm, headers={"kid": kid})

    async def _metadata(self, _: web.Request) -> web.Response:
        if self.down:
            return web.Response(status=503)
        said = {"issuer": ISSUER, "jwks_uri": self.url + _KEYS}
        return web.json_response({**said, "id_token_signing_alg_values_supported": ["RS256"]})

    async def _published(self, _: web.Request) -> web.Response:
        self.asked += 1
        if self.down:
            return web.Response(status=503)
        return web.json_response({"keys": [self._public(kid) for kid in self._keys]})

    def _public(self, kid: str) -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(self._keys[kid].public_key(), as_dict=True)
        return {**public, "use": "sig", "kid": kid, "endorsements": self._endorsed[kid]}


def forged_key() -> rsa.RSAPrivateKey:
    """A key that the issuer never publishes."""
    return _key()


@asynccontextmanager
async def listening(issuer: TeamsIssuer) -> AsyncIterator[TeamsIssuer]:
    """The issuer on a port of loopback, in this loop."""
    app = web.Application()
    issuer.mount(app)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        issuer.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield issuer
    finally:
        await runner.cleanup()


@cache
def _first_key(kid: str) -> rsa.RSAPrivateKey:
    """The same one for each issuer of a process: making keys takes time."""
    return _key()


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
