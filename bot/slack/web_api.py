"""Calls to Slack's Web API, and what becomes of those that fail.

No call is repeated here: whoever sends knows whether that would double a message.

PermanentError
└── Refused           Slack said no, and why
TemporaryError        the outcome is unknown: a timeout, a dropped connection, an error of Slack's
└── NotSent           nothing has happened: a rate limit of Slack's or our own
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from orchestration.errors import PermanentError, SignoffError, TemporaryError

TIMEOUT_S = 10.0
_RETRY_AFTER_S = 5.0
_UNKNOWN_AFTER_S = 1.0
_CLIENTS = 1000
ENDED = frozenset({"token_expired", "invalid_auth", "token_revoked", "account_inactive"})
"""Words for a token that does not count: time, an operator or an installation mends that."""
MENDED_AFTER_S = 60.0
_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_TRANSIENT = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)

Call: TypeAlias = Callable[[AsyncWebClient], Awaitable[AsyncSlackResponse]]


class Refused(PermanentError):
    """Slack refused a call; `code` is its word for why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"Slack refused: {code} {detail}".rstrip())
        self.code = code


class NotSent(TemporaryError):
    """Nothing was sent, for certain."""


def sdk_log() -> logging.Logger:
    """For the SDK: by a level of its own it is kept from building texts of whole bodies."""
    log = logging.getLogger("slack")
    log.setLevel(logging.WARNING)
    return log


class _Client(AsyncWebClient):
    """Writes the app's credentials itself: the SDK does it by what aiohttp is about to drop."""

    async def api_call(self, api_method: str, **more: Any) -> AsyncSlackResponse:
        if auth := more.pop("auth", None):
            basic = aiohttp.encode_basic_auth(auth["client_id"], auth["client_secret"])
            more["headers"] = {**(more.get("headers") or {}), "Authorization": basic}
        return await super().api_call(api_method, **more)


class WebApi:
    """Clients of one Slack by token, on one HTTP session.

    The SDK ignores its own timeout on a session that it was given, so each call has one here.
    """

    def __init__(self, base_url: str, http: aiohttp.ClientSession) -> None:
        self._base_url = base_url
        self._http = http
        self._clients: dict[str, AsyncWebClient] = {}

    def client(self, token: str) -> AsyncWebClient:
        known = self._clients.get(token)
        if known is None:
            if len(self._clients) >= _CLIENTS:
                self._clients.clear()
            known = self._clients[token] = _Client(
                token=token or None,
                base_url=self._base_url,
                session=self._http,
                logger=sdk_log(),
                retry_handlers=[],
            )
        return known

    async def ask(
        self, token: str, call: Call, *, timeout_s: float = TIMEOUT_S
    ) -> Mapping[str, Any]:
        """Slack's answer to one call.

        Raises: Refused; NotSent - a rate limit; TemporaryError - nobody knows whether it worked.
        """
        try:
            async with asyncio.timeout(timeout_s):
                answer = await call(self.client(token))
        except SlackApiError as error:
            raise _meaning(error) from error
        except (TimeoutError, aiohttp.ClientError, OSError, SlackClientError) as error:
            raise TemporaryError("asking Slack", retry_after_s=_UNKNOWN_AFTER_S) from error
        data = answer.data
        return data if isinstance(data, dict) else {}


def _meaning(error: SlackApiError) -> SignoffError:
    response: Any = error.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)
    body = data if isinstance(data, dict) else {}
    code = str(body.get("error", ""))
    if status == 429 or code in _LIMITED:
        return NotSent("asking Slack: too fast", retry_after_s=_retry_after(response))
    if status >= 500 or code in _TRANSIENT or not code:
        said = code or f"status {status}"
        return TemporaryError(f"asking Slack: {said}", retry_after_s=_UNKNOWN_AFTER_S)
    details = (body.get("response_metadata") or {}).get("messages") or ()
    return Refused(code, "; ".join(map(str, details))[:500])


def _retry_after(response: Any) -> float:
    headers = getattr(response, "headers", None) or {}
    said = str(headers.get("Retry-After", ""))
    return max(1.0, float(said)) if said.isdecimal() else _RETRY_AFTER_S
