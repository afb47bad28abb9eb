"""Requests as bolt takes them, checked as a whole before bolt looks at any of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import ValidationError
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.slack.bodies import ID, body_of


class NotSlacks(ValueError):
    """Nothing that Slack sends. bolt stumbles over such bodies, so they never get there."""


def request_of(
    body: str | dict[str, Any],
    *,
    headers: Mapping[str, str] = {},
    mode: Literal["http", "socket_mode"] = "http",
) -> AsyncBoltRequest:
    """Its context holds what was read, as `body` and `team`. Raises: NotSlacks."""
    given: dict[str, str | Sequence[str]] = dict(headers)
    try:
        request = AsyncBoltRequest(body=body, headers=given, mode=mode)
        if not _is_bolts(request.body):
            request.context["body"] = body_of(request.body)
            request.context["team"] = _team(request)
    except Exception as error:  # bolt's own reading raises whatever it meets
        raise NotSlacks(f"reading what Slack sent: {_why(error)}") from None
    return request


def _is_bolts(body: Mapping[str, Any]) -> bool:
    """Whether bolt answers it by itself."""
    return body.get("type") == "url_verification" or body.get("ssl_check") == "1"


def _why(error: Exception) -> str:
    """Where it does not fit; what it says stays out of the log."""
    if isinstance(error, ValidationError):
        found = error.errors(include_input=False, include_url=False)
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in found[:5])
    return type(error).__name__


def _team(request: AsyncBoltRequest) -> str:
    """The workspace; an organisation's events name it beside the authorization, if at all."""
    context = request.context
    return ID.validate_python(
        context.team_id or request.body.get("team_id") or context.enterprise_id
    )
