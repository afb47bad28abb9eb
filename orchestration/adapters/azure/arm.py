"""What Signoff asks Azure Resource Manager: what is there. It never changes anything.

Source: Azure Resource Manager REST API; https://learn.microsoft.com/rest/api/resources
"""

import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from orchestration.adapters.azure.failures import LONGEST_WAIT_S, MISCONFIGURED_S, translated
from orchestration.adapters.azure.identity import Identity
from orchestration.errors import PermanentError, TemporaryError

AZURE = "https://management.azure.com"
DEADLINE_S = 20.0
_NOT_REGISTERED = "MissingSubscriptionRegistration"
"""Nobody has used that kind of resource in the subscription yet: so there is none."""
_NO_SUBSCRIPTION = ("SubscriptionNotFound", "InvalidSubscriptionId")
_BUSY = (408, 429)
_MOST_PAGES = 50

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answers:
    """Authenticated GETs that answer in JSON, each within `DEADLINE_S`."""

    http: aiohttp.ClientSession
    identity: Identity

    async def token(self, audience: str) -> str:
        async with translated(f"getting a token for {audience}", within_s=DEADLINE_S):
            return (await self.identity.get_token(f"{audience}/.default")).token

    async def get(self, url: URL, headers: Mapping[str, str]) -> Mapping[str, Any] | None:
        """None where nothing is.

        Raises: TemporaryError - not there, busy, or no access (yet); PermanentError.
        """
        doing = f"asking {url.host} for {url.path}"
        limit = aiohttp.ClientTimeout(total=DEADLINE_S)
        try:
            async with self.http.get(
                url, headers=headers, timeout=limit, allow_redirects=False
            ) as got:
                body = await got.json(content_type=None) if got.content_length != 0 else {}
                return _judged(doing, got, body if isinstance(body, dict) else {})
        except TimeoutError as error:
            raise TemporaryError(f"{doing}: no answer within {DEADLINE_S:g} s") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise TemporaryError(f"{doing}: {type(error).__name__}") from error


class ResourceManager:
    def __init__(self, answers: Answers, url: str = AZURE) -> None:
        self.answers = answers
        self._url = URL(url)

    async def get(self, id: str, api_version: str, **query: str) -> Mapping[str, Any] | None:
        """What has that id, None if nothing has. Raises: as `Answers.get`."""
        headers = {"Authorization": f"Bearer {await self.answers.token(AZURE)}"}
        url = self._url.with_path(id) % {"api-version": api_version, **query}
        return await self.answers.get(url, headers)

    async def list(self, id: str, api_version: str, **query: str) -> list[Mapping[str, Any]]:
        """All pages of a list. Raises: as `Answers.get`."""
        found: list[Mapping[str, Any]] = []
        page = await self.get(id, api_version, **query)
        for _ in range(_MOST_PAGES):
            if page is None:
                return found
            found += page["value"]
            following = URL(page.get("nextLink") or "", encoded=True)
            if not following.host:
                return found
            if following.origin() != self._url.origin():
                raise PermanentError(f"asking {self._url.host}: it continues at {following.host}")
            headers = {"Authorization": f"Bearer {await self.answers.token(AZURE)}"}
            page = await self.answers.get(following, headers)
        raise PermanentError(f"asking {self._url.host}: more than {_MOST_PAGES} pages of {id}")

    async def subscription(self, id: str) -> str:
        """The name of the subscription. Raises: as `Answers.get`, and when it is not in use."""
        found = await self.get(f"/subscriptions/{id}", "2022-12-01")
        state = (found or {}).get("state")
        if found is None or state not in ("Enabled", "PastDue"):
            raise PermanentError(f"the subscription {id!r} is {state or 'not there'}")
        return str(found["displayName"])


def _judged(
    doing: str, got: aiohttp.ClientResponse, body: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    if got.status == 200:
        return body
    code = _code(body)
    if code in _NO_SUBSCRIPTION:
        raise PermanentError(f"{doing}: Azure answers {code}; check subscription_id")
    if got.status == 404 or code == _NOT_REGISTERED:
        return None
    why = f"{doing}: Azure answers {got.status} {code}".rstrip()
    if got.status in (401, 403):
        _log.error("azure.no_access", extra={"fields": {"doing": doing, "code": code}})
        why = f"{doing}: Azure gives no access ({code or got.status})"
        raise TemporaryError(why, retry_after_s=MISCONFIGURED_S)
    if got.status in _BUSY or got.status >= 500:
        raise TemporaryError(why, retry_after_s=_wait_s(got))
    raise PermanentError(why)


def _code(body: Mapping[str, Any]) -> str:
    """Azure's word, or Databricks'; their descriptions may quote what we sent."""
    error = body.get("error")
    return str(error.get("code", "") if isinstance(error, dict) else body.get("error_code", ""))


def _wait_s(got: aiohttp.ClientResponse) -> float:
    try:
        return min(max(float(got.headers["Retry-After"]), 1.0), LONGEST_WAIT_S)
    except (KeyError, ValueError):
        return 5.0


@asynccontextmanager
async def open_resource_manager(identity: Identity) -> AsyncIterator[ResourceManager]:
    """As Terraform does it: certificates and proxy are those that the environment names."""
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context())
    async with aiohttp.ClientSession(connector=connector, trust_env=True) as http:
        yield ResourceManager(Answers(http, identity))
