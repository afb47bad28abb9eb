"""What a failed model request means: how to name it, and when to ask that service again."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from orchestration.ports import Clock

WORTH_WAITING_S = 2.0
"""A longer Retry-After is not waited for inside a turn: the next service answers instead."""
LONGEST_REST_S = 120.0
AFTER_TIMEOUT_S = 15.0


def reason(error: BaseException) -> str:
    """A short word for what failed: the HTTP status where there is one."""
    for cause in _causes(error):
        status = getattr(cause, "status_code", None)
        if isinstance(status, int):
            return str(status)
        if isinstance(cause, TimeoutError) or "Timeout" in type(cause).__name__:
            return "timeout"
    return type(error).__name__


def retry_after_s(error: BaseException) -> float | None:
    """What the service asked for, in seconds; 0.2 for a server error without a wish."""
    for cause in _causes(error):
        response = getattr(cause, "response", None)
        if response is None:
            continue
        asked = _seconds(response.headers)
        if asked is not None:
            return asked
        return 0.2 if response.status_code >= 500 or response.status_code == 429 else None
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _seconds(headers: Mapping[str, str]) -> float | None:
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "")
        if re.fullmatch(r"\d+(?:\.\d+)?", text):
            return float(text) / scale
    return None


class Rests:
    """Services that asked to be left alone, so that not every turn finds out again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}

    def resting(self, name: str) -> bool:
        until = self._until.get(name)
        return until is not None and self._clock.now() < until

    def failed(self, name: str, error: BaseException) -> None:
        asked = retry_after_s(error) or 0.0
        rest = AFTER_TIMEOUT_S if reason(error) == "timeout" else asked
        if rest > WORTH_WAITING_S:
            self._until[name] = self._clock.now() + timedelta(seconds=min(rest, LONGEST_REST_S))
