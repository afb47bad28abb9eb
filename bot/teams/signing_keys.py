"""The keys that Teams signs with: fetched beside the work, kept for a day, renewed on rotation."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from jwt import InvalidKeyError
from jwt.algorithms import RSAAlgorithm

from orchestration.errors import TemporaryError

MAX_AGE_S = 24 * 3600.0
"""Source: Bot Framework authentication, "cache the keys for up to 24 hours"."""
LEAST_BETWEEN_S = 300.0
"""Between two fetches because of an unknown key, or anybody could make us ask all the time."""
_AFTER_FAILURE_S = 5.0
_TIMEOUT = aiohttp.ClientTimeout(total=5)

_log = logging.getLogger(__name__)


class KeysUnavailable(TemporaryError):
    """Whether a token is genuine cannot be told now."""


class UnknownKey(Exception):
    """No published key has this id."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Named as the SDK's token extractor reads it. `endorsements` are the channels it signs for."""

    public_key: Any
    endorsements: list[str]


class SigningKeys:
    def __init__(
        self, http: aiohttp.ClientSession, openid_url: str, monotonic_s: Callable[[], float]
    ) -> None:
        self._http = http
        self._openid_url = openid_url
        self._monotonic_s = monotonic_s
        self._lock = asyncio.Lock()
        self._keys: dict[str, SigningKey] = {}
        self._renew_at = 0.0
        self._seek_at = float("-inf")
        self._ask_at = float("-inf")

    async def get(self, kid: str) -> SigningKey:
        """Raises: UnknownKey; KeysUnavailable - there are none, and none can be fetched."""
        if kid not in self._keys or self._monotonic_s() >= self._renew_at:
            async with self._lock:
                await self._look_for(kid)
        if kid not in self._keys:
            raise UnknownKey(f"no key {kid!r} is published")
        return self._keys[kid]

    async def _look_for(self, kid: str) -> None:
        now = self._monotonic_s()
        if not self._keys:
            await self._first(now)
        elif now >= self._renew_at:
            await self._renewed(now)
        elif kid not in self._keys and now >= self._seek_at:
            self._seek_at = now + LEAST_BETWEEN_S
            await self._renewed(now)

    async def _first(self, now: float) -> None:
        if now < self._ask_at:
            raise KeysUnavailable("the signing keys of Teams could not be fetched")
        try:
            await self._fetch(now)
        except KeysUnavailable:
            self._ask_at = now + _AFTER_FAILURE_S
            raise

    async def _renewed(self, now: float) -> None:
        """The old keys go on while there are no new ones."""
        try:
            await self._fetch(now)
        except KeysUnavailable:
            self._renew_at = max(self._renew_at, now + LEAST_BETWEEN_S)
            _log.warning("signing_keys_not_renewed", exc_info=True)

    async def _fetch(self, now: float) -> None:
        try:
            metadata = await self._json(self._openid_url)
            published = (await self._json(metadata["jwks_uri"]))["keys"]
            keys = {key["kid"]: _signing_key(key) for key in published if key.get("kty") == "RSA"}
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise KeysUnavailable(f"fetching the signing keys of Teams: {error!r}") from error
        except (KeyError, TypeError, ValueError, AttributeError, InvalidKeyError) as error:
            raise KeysUnavailable(f"reading the signing keys of Teams: {error!r}") from error
        if not keys:
            raise KeysUnavailable("Teams publishes no signing keys")
        self._keys, self._renew_at = keys, now + MAX_AGE_S

    async def _json(self, url: str) -> Any:
        async with self._http.get(url, timeout=_TIMEOUT, allow_redirects=False) as response:
            response.raise_for_status()
            return await response.json(content_type=None)


def _signing_key(jwk: dict[str, Any]) -> SigningKey:
    return SigningKey(RSAAlgorithm.from_jwk(jwk), list(jwk.get("endorsements") or []))
