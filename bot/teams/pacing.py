"""How often may be sent in one conversation, so that Teams does not have to refuse."""

from collections import deque
from collections.abc import Callable

WINDOWS = ((1.0, 7), (2.0, 8), (30.0, 60), (3600.0, 1800))
"""Seconds, and how many sends at most in them.

Source: "Optimize your bot with rate limiting in Teams", per bot per thread, send to conversation.
"""
_LONGEST_S, _MOST = WINDOWS[-1]
_CONVERSATIONS = 10_000


class Pacing:
    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._sent: dict[str, deque[float]] = {}
        self._held: dict[str, float] = {}

    def wait_s(self, conversation: str) -> float:
        """In how many seconds something may be sent there; 0 when it may be now."""
        now = self._monotonic_s()
        sent = self._sent.get(conversation, deque())
        waits = [self._held.get(conversation, now) - now]
        for window_s, most in WINDOWS:
            if len(sent) >= most:
                waits.append(sent[-most] + window_s - now)
        return max(0.0, *waits)

    def note(self, conversation: str) -> None:
        """Something is sent there now."""
        if len(self._sent) >= _CONVERSATIONS and conversation not in self._sent:
            self._forget_quiet()
        self._sent.setdefault(conversation, deque(maxlen=_MOST)).append(self._monotonic_s())

    def hold(self, conversation: str, seconds: float) -> None:
        """Teams asked to wait for so long."""
        self._held[conversation] = self._monotonic_s() + seconds

    def sent_lately(self, conversation: str) -> int:
        """How many of an hour's sends are used up."""
        since = self._monotonic_s() - _LONGEST_S
        return sum(at > since for at in self._sent.get(conversation, ()))

    def _forget_quiet(self) -> None:
        since = self._monotonic_s() - _LONGEST_S
        self._sent = {name: sent for name, sent in self._sent.items() if sent[-1] > since}
        self._held = {name: at for name, at in self._held.items() if name in self._sent}
