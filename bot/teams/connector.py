"""The Bot Connector's REST calls, paced, in order, and repeated only when nothing can double."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote
from weakref import WeakValueDictionary

import aiohttp

from bot.teams.pacing import Pacing
from bot.teams.service_hosts import ServiceHosts
from bot.teams.tokens import Tokens
from orchestration.errors import PermanentError, TemporaryError
from orchestration.ports import Clock

_REPEATED = frozenset({412, 429, 502, 504})
"""Source: "Optimize your bot with rate limiting in Teams": these must be tried again."""
_ATTEMPTS = 4
_PATIENCE_S = 10.0
"""Longer waits are the caller's: it can do something else meanwhile."""
_TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
_LONGEST_S = 3600.0
_UNAUTHORISED_S = 60.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation of the service."""

    service_url: str
    conversation: str

    @property
    def url(self) -> str:
        base = self.service_url.rstrip("/")
        return f"{base}/v3/conversations/{quote(self.conversation, safe='')}/activities"


@dataclass(frozen=True, slots=True)
class _Answered:
    status: int
    retry_after_s: float | None
    body: Mapping[str, Any]


class Connector:
    """Raises, from each call: TemporaryError - not sent, or nobody knows; PermanentError - Teams
    says that it never will be, in words."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        tokens: Tokens,
        hosts: ServiceHosts,
        pacing: Pacing,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._hosts = hosts
        self._pacing = pacing
        self._clock = clock
        self._sleep = sleep
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def send(self, place: Place, activity: Mapping[str, Any]) -> str:
        """The id of the new activity."""
        return _id(await self._call("POST", place.url, place, activity), "id")

    async def update(self, place: Place, id: str, activity: Mapping[str, Any]) -> None:
        await self._call("PUT", f"{place.url}/{quote(id, safe='')}", place, activity)

    async def start(self, place: Place, parameters: Mapping[str, Any]) -> str:
        """Open a conversation in the channel that `place` names; the id of its first activity."""
        url = f"{place.service_url.rstrip('/')}/v3/conversations"
        return _id(await self._call("POST", url, place, parameters), "activityId")

    async def hint(self, place: Place, activity: Mapping[str, Any]) -> None:
        """Send what nobody misses, if that takes no waiting."""
        if not self._pacing.wait_s(place.conversation) and not self._turn(place).locked():
            await self.send(place, activity)

    async def _call(
        self, method: str, url: str, place: Place, body: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        if not self._hosts.allow(url):
            raise PermanentError(f"sending to {url!r}: not a host of teams_service_hosts")
        async with self._turn(place):
            for attempt in range(1, _ATTEMPTS + 1):
                await self._wait(place, self._pacing.wait_s(place.conversation))
                self._pacing.note(place.conversation)
                answered = await self._once(method, url, body)
                if answered.status < 300:
                    return answered.body
                if answered.status == 401 and attempt == 1:
                    self._tokens.forget()
                    continue
                wait = _wait_s(answered, attempt)
                if answered.status == 429:
                    self._pacing.hold(place.conversation, wait)
                if answered.status not in _REPEATED or attempt == _ATTEMPTS:
                    raise _error(method, url, answered, wait)
                await self._wait(place, wait)
        raise AssertionError("the last attempt has returned or raised")

    def _turn(self, place: Place) -> asyncio.Lock:
        """Held by one call at a time: what is sent in a conversation arrives in order."""
        return self._turns.setdefault(place.conversation, asyncio.Lock())

    async def _wait(self, place: Place, seconds: float) -> None:
        if seconds > _PATIENCE_S:
            raise TemporaryError(
                f"sending in {place.conversation!r}: Teams takes no more there for now",
                retry_after_s=seconds,
            )
        if seconds:
            await self._sleep(seconds)

    async def _once(self, method: str, url: str, body: Mapping[str, Any]) -> _Answered:
        """Raises: TemporaryError - no answer came; it may have been done."""
        headers = {"Authorization": f"Bearer {token}"} if (token := await self._tokens.get()) else {}
        try:
            call = self._http.request(
                method, url, json=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            )
            async with call as response:
                asked = _retry_after_s(response.headers.get("Retry-After", ""), self._clock)
                return _Answered(response.status, asked, _object(await response.read()))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TemporaryError(f"{method} {url}: no answer ({error!r})") from error


def _wait_s(answered: _Answered, attempt: int) -> float:
    if answered.retry_after_s is not None:
        return answered.retry_after_s
    return float(2 ** (attempt - 1))


def _retry_after_s(header: str, clock: Clock) -> float | None:
    """Seconds, or a date."""
    try:
        if header.isdecimal():
            return min(float(header), _LONGEST_S)
        seconds = (parsedate_to_datetime(header) - clock.now()).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(0.0, seconds), _LONGEST_S)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _id(body: Mapping[str, Any], name: str) -> str:
    return str(body.get(name) or body.get("id") or "")


def _error(
    method: str, url: str, answered: _Answered, wait_s: float
) -> TemporaryError | PermanentError:
    """4xx never gets better, except for what time or an operator mends."""
    said = answered.body.get("error")
    fault = said if isinstance(said, dict) else answered.body
    why = f"{fault.get('code', '')} {fault.get('message', '')}".strip()[:300]
    message = f"{method} {url}: Teams answered {answered.status} {why}".strip()
    if answered.status == 401:
        return TemporaryError(message, retry_after_s=_UNAUTHORISED_S)
    if answered.status in _REPEATED or answered.status >= 500:
        return TemporaryError(message, retry_after_s=max(wait_s, 1.0))
    return PermanentError(message)
