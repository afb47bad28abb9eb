"""One HTTP exchange with Microsoft: JSON, or a `TemporaryError` that says when to ask again."""

import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
from yarl import URL

from orchestration.errors import TemporaryError

LONGEST_WAIT_S = 300.0
MISCONFIGURED_S = 60.0
"""What somebody has to put right is not asked for sooner."""

logger = logging.getLogger(__name__)


class Refused(Exception):
    """Microsoft answered 4xx; `code` is its own word for why. Never leaves this package."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class Resting(TemporaryError):
    """Nothing is to be asked for `retry_after_s`."""


class Exchange:
    def __init__(self, session: aiohttp.ClientSession, *, timeout_s: float = 10.0) -> None:
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)

    async def get(self, url: URL, headers: Mapping[str, str]) -> Mapping[str, Any]:
        return await self._token("GET", url, headers=headers)

    async def post_form(self, url: URL, form: Mapping[str, str]) -> Mapping[str, Any]:
        return await self._token("POST", url, data=form)

    async def _token(self, method: str, url: URL, **sent: Any) -> Mapping[str, Any]:
        """Raises: TemporaryError - also for what is set up wrongly; the log says what."""
        try:
            return await self.json(method, url, **sent)
        except Refused as error:
            fields = {"host": url.host, "status": error.status, "code": error.code}
            logger.error("directory.no_token", extra={"fields": fields})
            why = f"getting a token from {url.host}: {error}"
            raise Resting(why, retry_after_s=MISCONFIGURED_S) from error

    async def json(self, method: str, url: URL, **sent: Any) -> Mapping[str, Any]:
        """Raises: TemporaryError - slow, down, or too many requests; Refused."""
        try:
            async with self._session.request(
                method, url, timeout=self._timeout, allow_redirects=False, **sent
            ) as response:
                _refuse_busy(url, response)
                body = await _object(response)
                if response.status != 200:
                    raise Refused(response.status, _code(body))
                return body
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise TemporaryError(f"asking {url.host}: {_why(error)}") from error


def _why(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"it cannot be reached ({error.os_error.strerror or error.os_error})"
    return str(error) or "it took too long"


async def _object(response: aiohttp.ClientResponse) -> Mapping[str, Any]:
    """Raises: ValueError - a success that is no JSON object."""
    try:
        body = await response.json(content_type=None)
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    if response.status == 200:
        raise ValueError("it did not answer JSON")
    return {}


def _code(body: Mapping[str, Any]) -> str:
    """Graph's `error.code` or the login's `error`; a description would quote what we sent."""
    error = body.get("error")
    return str(error.get("code", "")) if isinstance(error, dict) else str(error or "")


def _refuse_busy(url: URL, response: aiohttp.ClientResponse) -> None:
    """Raises: Resting - it says how long it wants to be left alone; TemporaryError."""
    if response.status != 429 and response.status < 500:
        return
    problem = f"asking {url.host}: it answers {response.status}"
    try:
        wait_s = float(response.headers["Retry-After"])
    except (KeyError, ValueError):
        raise TemporaryError(problem) from None
    raise Resting(problem, retry_after_s=min(max(wait_s, 1.0), LONGEST_WAIT_S))
