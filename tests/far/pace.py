"""How many requests are allowed in a while: sliding windows, as vendors describe their limits."""

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    requests: int
    seconds: float


class Pace:
    """Counts what was allowed under each key. What was refused does not count."""

    def __init__(self, windows: Sequence[Window], monotonic_s: Callable[[], float]) -> None:
        self._windows = tuple(windows)
        self._now = monotonic_s
        self._allowed: dict[Hashable, deque[float]] = {}
        self.refused = 0

    def wait_s(self, key: Hashable) -> float:
        """0 when the request is allowed (and counted), else in how many seconds one would be."""
        now, allowed = self._now(), self._allowed.setdefault(key, deque())
        longest = max((window.seconds for window in self._windows), default=0.0)
        while allowed and allowed[0] <= now - longest:
            allowed.popleft()
        wait = max((_wait(window, allowed, now) for window in self._windows), default=0.0)
        if wait > 0:
            self.refused += 1
            return wait
        allowed.append(now)
        return 0.0


def _wait(window: Window, allowed: deque[float], now: float) -> float:
    inside = [at for at in allowed if at > now - window.seconds]
    if len(inside) < window.requests:
        return 0.0
    return inside[-window.requests] + window.seconds - now
