"""Who says who people are: a standard provider that a browser is sent to and comes back from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from orchestration.errors import TemporaryError, UserError
from orchestration.identity import Identity

TIMEOUT = aiohttp.ClientTimeout(total=10)
_LARGEST = 1_000_000
PROVIDER_SAID_NO = "Signing in did not work: the provider refused. Try again."


class SignInRefused(UserError):
    """What came back proves nobody; the message is for the person."""


class ProviderRefused(SignInRefused):
    """The provider itself said no: anybody can bring that about, so it is not on record."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at signing in, known to one browser; `verifier` proves that the code is ours."""

    state: str
    nonce: str
    verifier: str
    next: str


class Provider(Protocol):
    @property
    def name(self) -> str: ...

    async def address(self, attempt: Attempt, callback: str) -> str:
        """Where to send the browser. Raises: TemporaryError - the provider does not answer."""
        ...

    async def identity(self, attempt: Attempt, callback: str, code: str) -> Identity:
        """Who came back with the code. Raises: SignInRefused; TemporaryError."""
        ...


async def fetched(
    http: aiohttp.ClientSession,
    address: str,
    *,
    form: Mapping[str, str] | None = None,
    token: str = "",
) -> Any:
    """The JSON at an address of the provider; with a form it is posted.

    Raises: ProviderRefused - it says no; TemporaryError - it does not answer, or not with JSON.
    """
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    method = "GET" if form is None else "POST"
    try:
        async with http.request(
            method, address, data=form, headers=headers, timeout=TIMEOUT, allow_redirects=False
        ) as answer:
            if 400 <= answer.status < 500:
                raise ProviderRefused(PROVIDER_SAID_NO)
            if answer.status != 200:
                raise TemporaryError(f"asking {address}: it answered {answer.status}")
            return json.loads(await _whole(answer.content))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise TemporaryError(f"asking {address}: {error!r}") from error


async def _whole(content: aiohttp.StreamReader) -> bytes:
    """Raises: ValueError - it is too large."""
    held = bytearray()
    async for chunk in content.iter_any():
        held += chunk
        if len(held) > _LARGEST:
            raise ValueError(f"it sent more than {_LARGEST} bytes")
    return bytes(held)
