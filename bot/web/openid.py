"""Signing in with OpenID Connect: Entra and Google. Code flow with state, nonce and PKCE.

Source: OpenID Connect Core 1.0, 3.1.3.7 (ID token validation); RFC 7636 (PKCE); Microsoft identity
platform, ID token claims (`tid`, `oid`).
"""

from collections.abc import Mapping
from typing import Any, Literal

import aiohttp
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from bot.web.provider import Attempt, SignInRefused, fetched
from orchestration.errors import TemporaryError
from orchestration.identity import EmailIdentity, EntraIdentity, Identity
from orchestration.ports import Clock

GOOGLE = "https://accounts.google.com"
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384")
"""Those with a public key alone; a token signed with a shared secret is none of theirs."""
_LEEWAY_S = 60
_NOT_PROVED = "Signing in did not work: what came back does not prove who you are. Try again."


class OpenId:
    """One issuer. What it says of itself is read once; its keys again when one is new."""

    def __init__(
        self,
        name: Literal["entra", "google"],
        issuer: str,
        client_id: str,
        client_secret: str,
        http: aiohttp.ClientSession,
        clock: Clock,
    ) -> None:
        self.name = name
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._http = http
        self._clock = clock
        self._about: Mapping[str, str] = {}
        self._keys: KeySet | None = None

    async def address(self, attempt: Attempt, callback: str) -> str:
        about = await self._described()
        address: str = prepare_grant_uri(
            about["authorization_endpoint"],
            self._client_id,
            "code",
            redirect_uri=callback,
            scope="openid email profile",
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return address

    async def identity(self, attempt: Attempt, callback: str, code: str) -> Identity:
        about = await self._described()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": callback,
            "code_verifier": attempt.verifier,
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        answer = await fetched(self._http, about["token_endpoint"], form=form)
        claims = await self._claims(str(answer.get("id_token", "")), attempt.nonce)
        return self._proved(claims)

    async def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """What a valid token says. Raises: SignInRefused."""
        try:
            decoded = await self._decoded(token)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client_id},
                    "exp": {"essential": True},
                    "iat": {"essential": True},
                },
                params={"nonce": nonce, "client_id": self._client_id},
            )
            claims.validate(now=int(self._clock.now().timestamp()), leeway=_LEEWAY_S)
        except (JoseError, ValueError) as error:
            raise SignInRefused(_NOT_PROVED) from error
        found: Mapping[str, Any] = claims
        return found

    async def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, await self._known_keys(), algorithms=_ALGORITHMS)
        except (InvalidKeyIdError, ValueError):
            self._keys = None  # signed with a new key, or with none of theirs
            return jwt.decode(token, await self._known_keys(), algorithms=_ALGORITHMS)

    def _proved(self, claims: Mapping[str, Any]) -> Identity:
        if self.name == "entra":
            return self._of_tenant(claims)
        if claims.get("email_verified") is not True or not claims.get("email"):
            raise SignInRefused("Your address is not verified there, so it does not prove you.")
        return EmailIdentity(str(claims["email"]).lower())

    def _of_tenant(self, claims: Mapping[str, Any]) -> Identity:
        tenant, person = (str(claims.get(name, "")).lower() for name in ("tid", "oid"))
        if not tenant or not person:
            raise SignInRefused(_NOT_PROVED)
        if f"/{tenant}/" not in f"{self._issuer.lower()}/":
            raise SignInRefused("You signed in with another organisation. Use this one's account.")
        return EntraIdentity(tenant, person)

    async def _described(self) -> Mapping[str, str]:
        if not self._about:
            address = get_well_known_url(self._issuer, external=True)
            about = await fetched(self._http, address)
            if str(about.get("issuer", "")).rstrip("/") != self._issuer:
                raise TemporaryError(f"{address} describes another issuer: {about.get('issuer')!r}")
            self._about = about
        return self._about

    async def _known_keys(self) -> KeySet:
        if self._keys is None:
            about = await self._described()
            self._keys = KeySet.import_key_set(await fetched(self._http, about["jwks_uri"]))
        return self._keys
