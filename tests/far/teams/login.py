"""Microsoft's login for applications: client credentials for a token of the Bot Framework."""

import time
from secrets import token_hex
from typing import Any

from aiohttp import web

SCOPE = "https://api.botframework.com/.default"
VALID_S = 3599


class Login:
    """Gives tokens to one application of one tenant, and knows those that it has given."""

    def __init__(self, tenant: str, app_id: str, password: str) -> None:
        self.url = ""
        self._tenant = tenant
        self._wanted = {"client_id": app_id, "client_secret": password, "scope": SCOPE}
        self._given: dict[str, float] = {}
        self.asked = 0

    def mount(self, app: web.Application) -> None:
        app.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", self._described)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)

    def knows(self, header: str) -> bool:
        """Whether an Authorization header carries a token that is still good."""
        kind, _, token = header.partition(" ")
        return kind == "Bearer" and self._given.get(token, 0.0) > time.time()

    def give(self) -> str:
        """A new token."""
        token = token_hex(32)
        self._given[token] = time.time() + VALID_S
        return token

    def forget(self) -> None:
        """No token that was given is good any longer."""
        self._given.clear()

    async def _described(self, request: web.Request) -> web.Response:
        base = f"{self.url}/{request.match_info['tenant']}"
        said = {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
        }
        return web.json_response(said)

    async def _token(self, request: web.Request) -> web.Response:
        self.asked += 1
        form = await request.post()
        if request.match_info["tenant"] != self._tenant:
            return _refused("invalid_request", "AADSTS90002: Tenant not found.")
        if form.get("grant_type") != "client_credentials":
            return _refused("unsupported_grant_type", "AADSTS70003: The grant is not supported.")
        for name, value in self._wanted.items():
            if form.get(name) != value:
                return _refused("invalid_client", f"AADSTS7000215: Invalid {name} provided.", 401)
        token = self.give()
        said: dict[str, Any] = {"token_type": "Bearer", "expires_in": VALID_S}
        return web.json_response({**said, "ext_expires_in": VALID_S, "access_token": token})


def _refused(error: str, description: str, status: int = 400) -> web.Response:
    said = {"error": error, "error_description": description}
    return web.json_response(said, status=status)
