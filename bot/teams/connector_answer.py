"""What the Bot Connector answers, and what that means for who asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from orchestration.errors import PermanentError, TemporaryError
from orchestration.ports import Clock

REPEATED = frozenset({412, 429, 502, 504})
"""Source: "Optimize your bot with rate limiting in Teams": these must be tried again."""
_LONGEST_S = 3600.0
_UNAUTHORISED_S = 60.0


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    retry_after_s: float | None
    body: Mapping[str, Any]


def wait_s(answered: Answered, attempt: int) -> float:
    if answered.retry_after_s is not None:
        return answered.retry_after_s
    return float(2 ** (attempt - 1))


def asked_wait_s(header: str, clock: Clock) -> float | None:
    """Seconds, or a date."""
    try:
        if header.isdecimal():
            return min(float(header), _LONGEST_S)
        seconds = (parsedate_to_datetime(header) - clock.now()).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(0.0, seconds), _LONGEST_S)


def json_object(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def id_of(body: Mapping[str, Any], name: str) -> str:
    return str(body.get(name) or body.get("id") or "")


def refusal(
    method: str, url: str, answered: Answered, wait: float
) -> TemporaryError | PermanentError:
    """4xx never gets better, except for what time or an operator mends."""
    said = answered.body.get("error")
    fault = said if isinstance(said, dict) else answered.body
    why = f"{fault.get('code', '')} {fault.get('message', '')}".strip()[:300]
    message = f"{method} {url}: Teams answered {answered.status} {why}".strip()
    if answered.status == 401:
        return TemporaryError(message, retry_after_s=_UNAUTHORISED_S)
    if answered.status in REPEATED or answered.status >= 500:
        return TemporaryError(message, retry_after_s=max(wait, 1.0))
    return PermanentError(message)
