"""The bot's own token for the connector, fetched beside the work, kept until it nears its end."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import aiohttp

from orchestration.errors import TemporaryError

_EARLY_S = 300.0
"""Renewed so long before it ends, so that none ends on its way."""
_MISCONFIGURED_S = 60.0
_TIMEOUT = aiohttp.ClientTimeout(total=10)


class Tokens(Protocol):
    async def get(self) -> str:
        """A token that is valid now; "" where none is needed. Raises: TemporaryError."""
        ...

    def forget(self) -> None:
        """The last token was refused: the next one is a new one."""
        ...


class NoTokens:
    """In local mode the Emulator asks for none."""

    async def get(self) -> str:
        return ""

    def forget(self) -> None:
        return


class PasswordTokens:
    """OAuth 2.0 client credentials, kept until shortly before they end.

    Not the SDK's own, which blocks the event loop without a time limit and takes no address but
    an https one.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        token_url: str,
        app_id: str,
        password: str,
        scope: str,
        monotonic_s: Callable[[], float],
    ) -> None:
        self._http = http
        self._url = token_url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": password,
            "scope": scope,
        }
        self._monotonic_s = monotonic_s
        self._lock = asyncio.Lock()
        self._token = ""
        self._until = 0.0

    async def get(self) -> str:
        async with self._lock:
            if not self._token or self._monotonic_s() >= self._until:
                await self._fetch()
            return self._token

    def forget(self) -> None:
        self._token = ""

    async def _fetch(self) -> None:
        asked_at = self._monotonic_s()
        answer = await self._asked()
        try:
            token, valid_s = str(answer["access_token"]), float(answer["expires_in"])
        except (KeyError, TypeError, ValueError) as error:
            raise TemporaryError(f"signing in to Teams: no token came from {self._url}") from error
        self._token = token
        self._until = asked_at + max(valid_s - _EARLY_S, valid_s / 2)

    async def _asked(self) -> Any:
        try:
            post = self._http.post(self._url, data=self._form, timeout=_TIMEOUT)
            async with post as response:
                if 400 <= response.status < 500 and response.status != 429:
                    raise TemporaryError(_refused(response.status), retry_after_s=_MISCONFIGURED_S)
                response.raise_for_status()
                return await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise TemporaryError(f"signing in to Teams at {self._url}: {error!r}") from error


def _refused(status: int) -> str:
    return (
        f"signing in to Teams was refused ({status}); check teams_app_id, teams_app_password and "
        "teams_tenant_id"
    )
