"""How Signoff shows Microsoft Graph who it is, with a token that is renewed before its end.

Source: Microsoft identity platform, client credentials with a secret or a federated credential;
Azure App Service and Container Apps, "REST endpoint reference" (2019-08-01); Azure Instance
Metadata Service (2018-02-01).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from yarl import URL

from orchestration.adapters.entra.exchange import Exchange
from orchestration.errors import TemporaryError
from orchestration.ports import Clock

AHEAD = timedelta(minutes=5)
"""How long before its end a token is renewed."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

METADATA = "http://169.254.169.254/metadata/identity/oauth2/token"


@dataclass(frozen=True, slots=True)
class ClientSecret:
    tenant: str
    client_id: str
    secret: str = field(repr=False)
    login_url: str


@dataclass(frozen=True, slots=True)
class WorkloadIdentity:
    """`token_file` is what Kubernetes keeps new, and Entra believes instead of a secret."""

    tenant: str
    client_id: str
    token_file: Path
    login_url: str


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """`endpoint` and `header` are what Azure gives a container; without, it is a machine's own.

    `client_id` chooses one of several identities.
    """

    client_id: str = ""
    endpoint: str = ""
    header: str = field(default="", repr=False)


Credential: TypeAlias = ClientSecret | WorkloadIdentity | ManagedIdentity


class Tokens:
    """Tokens for `audience`, such as `https://graph.microsoft.com`."""

    def __init__(
        self, exchange: Exchange, credential: Credential, audience: str, clock: Clock
    ) -> None:
        self._exchange = exchange
        self._credential = credential
        self._audience = audience
        self._clock = clock
        self._renewing = asyncio.Lock()
        self._token = ""
        self._until = _LONG_AGO

    async def token(self) -> str:
        """Raises: TemporaryError."""
        async with self._renewing:
            if self._clock.now() >= self._until - AHEAD:
                await self._renew()
            return self._token

    def forget(self, token: str) -> None:
        """It was refused, whatever its end says."""
        if token == self._token:
            self._until = _LONG_AGO

    async def _renew(self) -> None:
        try:
            answer = await self._asked()
        except TemporaryError:
            if self._clock.now() < self._until:
                return
            raise
        self._token, self._until = str(answer["access_token"]), self._end(answer)

    async def _asked(self) -> Mapping[str, Any]:
        match self._credential:
            case ClientSecret(tenant, client_id, secret, login_url):
                return await self._login(login_url, tenant, client_id, {"client_secret": secret})
            case WorkloadIdentity(tenant, client_id, token_file, login_url):
                assertion = await asyncio.to_thread(_read, token_file)
                shown = {"client_assertion": assertion, "client_assertion_type": _ASSERTION}
                return await self._login(login_url, tenant, client_id, shown)
            case ManagedIdentity(client_id, endpoint, header):
                version = "2019-08-01" if endpoint else "2018-02-01"
                asked = {"api-version": version, "resource": self._audience}
                return await self._exchange.get(
                    URL(endpoint or METADATA).with_query(
                        asked | ({"client_id": client_id} if client_id else {})
                    ),
                    {"X-IDENTITY-HEADER": header} if endpoint else {"Metadata": "true"},
                )

    async def _login(
        self, login_url: str, tenant: str, client_id: str, shown: Mapping[str, str]
    ) -> Mapping[str, Any]:
        asked = {"grant_type": "client_credentials", "scope": f"{self._audience}/.default"}
        return await self._exchange.post_form(
            URL(login_url) / tenant / "oauth2/v2.0/token",
            {**asked, "client_id": client_id, **shown},
        )

    def _end(self, answer: Mapping[str, Any]) -> datetime:
        """Entra says how many seconds are left, the container's endpoint when they are over."""
        if "expires_in" in answer:
            return self._clock.now() + timedelta(seconds=float(answer["expires_in"]))
        return datetime.fromtimestamp(float(answer["expires_on"]), UTC)


def _read(token_file: Path) -> str:
    try:
        return token_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise TemporaryError(f"reading the token of the workload identity: {error}") from error
