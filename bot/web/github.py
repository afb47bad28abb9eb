"""Signing in with GitHub: OAuth 2 and its API; the primary verified address says who it is.

Source: GitHub docs, "Authorizing OAuth apps" and "List email addresses for the authenticated user".
"""

import aiohttp
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from bot.web.provider import (
    PROVIDER_SAID_NO,
    Attempt,
    ProviderRefused,
    SignInRefused,
    fetched,
)
from orchestration.identity import EmailIdentity, Identity

GITHUB = "https://github.com"
_API = "https://api.github.com"


class GitHub:
    name = "github"

    def __init__(
        self, server: str, client_id: str, client_secret: str, http: aiohttp.ClientSession
    ) -> None:
        self._server = server.rstrip("/")
        self._api = _API if self._server == GITHUB else f"{self._server}/api/v3"
        self._client_id = client_id
        self._client_secret = client_secret
        self._http = http

    async def address(self, attempt: Attempt, callback: str) -> str:
        address: str = prepare_grant_uri(
            f"{self._server}/login/oauth/authorize",
            self._client_id,
            "code",
            redirect_uri=callback,
            scope="read:user user:email",
            state=attempt.state,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return address

    async def identity(self, attempt: Attempt, callback: str, code: str) -> Identity:
        form = {
            "code": code,
            "redirect_uri": callback,
            "code_verifier": attempt.verifier,
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        answer = await fetched(self._http, f"{self._server}/login/oauth/access_token", form=form)
        token = str(answer.get("access_token", ""))
        if not token:  # it says no with 200 and an `error`
            raise ProviderRefused(PROVIDER_SAID_NO)
        listed = await fetched(self._http, f"{self._api}/user/emails", token=token)
        proved = [str(e["email"]) for e in listed if e.get("primary") and e.get("verified")]
        if not proved:
            raise SignInRefused("Your address is not verified there, so it does not prove you.")
        return EmailIdentity(proved[0].lower())
