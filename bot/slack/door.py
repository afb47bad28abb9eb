"""The one address that Slack posts to: events, interactions and commands."""

import logging
from collections.abc import Sequence

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp

from bot.slack.requests import request_of
from bot.slack.signature import VALID_S, is_signed
from orchestration.ports import Clock

_FORM = "application/x-www-form-urlencoded"
_CONTENT = frozenset({"application/json", _FORM})
_log = logging.getLogger(__name__)


class Door:
    """401 what Slack has not signed, 415 and 400 what it does not send; the rest is bolt's.

    bolt reads a body before it verifies it, so nothing reaches it unverified. A command or
    a click is taken once under one signature, since Slack never repeats those; what it does repeat,
    events, is known by its id.
    """

    def __init__(self, bolt: AsyncApp, secrets: Sequence[str], clock: Clock) -> None:
        self._bolt = bolt
        self._secrets = tuple(secrets)
        self._clock = clock
        self._taken: dict[str, float] = {}

    async def post(self, request: web.Request) -> web.Response:
        try:
            raw = await request.read()
        except web.RequestPayloadError as error:
            _log.warning("slack_body_refused", extra={"fields": {"why": str(error)[:500]}})
            return _refusal(400, "not packed as it says")
        signature = request.headers.get("X-Slack-Signature", "")
        if not self._is_slack(request, raw) or self._taken_before(signature):
            _log.warning("slack_request_refused", extra={"fields": {"bytes": len(raw)}})
            return _refusal(401, "not signed by Slack")
        if request.content_type not in _CONTENT:
            return _refusal(415, "neither JSON nor a form")
        try:
            headers = {"content-type": request.content_type}
            parsed = request_of(raw.decode("utf-8"), headers=headers)
        except ValueError as error:
            _log.warning("slack_body_refused", extra={"fields": {"why": str(error)[:500]}})
            return _refusal(400, "not what Slack sends")
        answer = await to_aiohttp_response(await self._bolt.async_dispatch(parsed))
        if answer.status < 300 and request.content_type == _FORM:
            self._taken[signature] = self._clock.now().timestamp() + 2 * VALID_S
        return answer

    def _taken_before(self, signature: str) -> bool:
        """Those that would not be accepted any more, the oldest first, are forgotten."""
        now = self._clock.now().timestamp()
        while self._taken and next(iter(self._taken.values())) < now:
            del self._taken[next(iter(self._taken))]
        return signature in self._taken

    def _is_slack(self, request: web.Request, raw: bytes) -> bool:
        return is_signed(
            raw,
            request.headers.get("X-Slack-Request-Timestamp", ""),
            request.headers.get("X-Slack-Signature", ""),
            secrets=self._secrets,
            now_s=self._clock.now().timestamp(),
        )


def _refusal(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)
