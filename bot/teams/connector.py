"""The Bot Connector's REST calls, paced, in order, and repeated only when nothing can double."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from weakref import WeakValueDictionary

import aiohttp
import orjson
from yarl import URL

from bot.teams.connector_answer import (
    REPEATED,
    Answered,
    asked_wait_s,
    id_of,
    json_object,
    refusal,
    wait_s,
)
from bot.teams.pacing import Pacing
from bot.teams.service_hosts import ServiceHosts
from bot.teams.tokens import Tokens
from orchestration.errors import PermanentError, TemporaryError
from orchestration.ports import Clock

_ATTEMPTS = 4
_PATIENCE_S = 10.0
"""Longer waits are the caller's: it can do something else meanwhile."""
_TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation of the service."""

    service_url: str
    conversation: str

    @property
    def url(self) -> str:
        base = self.service_url.rstrip("/")
        return f"{base}/v3/conversations/{quote(self.conversation, safe='')}/activities"


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
        """The id of the new activity; "" where the service gives none, as for parts of a stream."""
        return id_of(await self._call("POST", place.url, place, activity), "id")

    async def update(self, place: Place, id: str, activity: Mapping[str, Any]) -> None:
        await self._call("PUT", f"{place.url}/{quote(id, safe='')}", place, activity)

    async def start(self, place: Place, parameters: Mapping[str, Any]) -> str:
        """Open a conversation in the channel that `place` names; the id of its first activity."""
        url = f"{place.service_url.rstrip('/')}/v3/conversations"
        return id_of(await self._call("POST", url, place, parameters), "activityId")

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
                wait = wait_s(answered, attempt)
                if answered.status == 429:
                    self._pacing.hold(place.conversation, wait)
                if answered.status not in REPEATED or attempt == _ATTEMPTS:
                    raise refusal(method, url, answered, wait)
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

    async def _once(self, method: str, url: str, body: Mapping[str, Any]) -> Answered:
        """Raises: TemporaryError - no answer came; it may have been done."""
        headers = (
            {"Authorization": f"Bearer {token}"} if (token := await self._tokens.get()) else {}
        )
        try:
            call = self._http.request(
                method,
                URL(url, encoded=True),
                data=orjson.dumps(body),
                headers={"Content-Type": "application/json", **headers},
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
            async with call as response:
                asked = asked_wait_s(response.headers.get("Retry-After", ""), self._clock)
                return Answered(response.status, asked, json_object(await response.read()))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TemporaryError(f"{method} {url}: no answer ({error!r})") from error
