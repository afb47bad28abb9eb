"""How fast may be spoken: below Slack's limits, and what matters before what only informs.

Source: Slack, rate limits: one message a second per channel with short bursts, and `chat.update`
50 times a minute per workspace. A 429 says for how long to be quiet.
"""

from collections import defaultdict, deque

from bot.slack.web_api import NotSent
from orchestration.ports import Clock

BURST = 3
UPDATES_PER_MINUTE = 50
PROGRESS_PER_MINUTE = 40
"""The rest is kept for the updates that end something or ask for something."""
LONGEST_WAIT_S = 2.0
"""A longer one is left to whoever repeats."""
_SHORTEST_INTERVAL_S = 1.5
_PLENTY = 30
_CHANNELS = 10_000


class Pace:
    """Of one process; two processes at one workspace meet Slack's 429 instead."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: dict[str, float] = {}
        self._updates: dict[str, deque[tuple[float, str]]] = defaultdict(deque)
        self._quiet: dict[str, float] = {}

    def post(self, team: str, channel: str) -> float:
        """Take a place; the seconds to wait before sending. Raises: NotSent - too many wait."""
        now, place = self._now(), f"{team}/{channel}"
        self._check_quiet(place, now)
        due = max(self._due.get(place, now), now)
        wait = max(0.0, due - now - (BURST - 1))
        if wait > LONGEST_WAIT_S:
            raise NotSent(f"posting in {channel!r}: one message a second", retry_after_s=wait)
        self._forget_idle(now)
        self._due[place] = due + 1.0
        return wait

    def update(self, team: str, message: str, *, progress: bool) -> None:
        """Take a place. Raises: NotSent - this minute's updates are used up."""
        now = self._now()
        self._check_quiet(team, now)
        recent = self._recent(team, now)
        limit = PROGRESS_PER_MINUTE if progress else UPDATES_PER_MINUTE
        if len(recent) >= limit:
            wait = recent[len(recent) - limit][0] + 60.0 - now
            raise NotSent(f"updating {message!r}: {limit} a minute", retry_after_s=wait)
        recent.append((now, message))

    def rest(self, place: str, seconds: float) -> None:
        """Be quiet there: `team/channel` for posts, `team` for updates."""
        self._quiet[place] = max(self._quiet.get(place, 0.0), self._now() + seconds)

    def interval_s(self, team: str) -> float:
        """The least time between two updates of a card: short while there is plenty of the minute
        left, and so long at its end that all the cards that move can share it."""
        recent = self._recent(team, self._now())
        fair = 60.0 * len({message for _, message in recent}) / PROGRESS_PER_MINUTE
        scarce = max(0.0, (len(recent) - _PLENTY) / (PROGRESS_PER_MINUTE - _PLENTY))
        return max(_SHORTEST_INTERVAL_S, min(scarce, 1.0) * fair)

    def _recent(self, team: str, now: float) -> deque[tuple[float, str]]:
        recent = self._updates[team]
        while recent and recent[0][0] <= now - 60.0:
            recent.popleft()
        return recent

    def _check_quiet(self, place: str, now: float) -> None:
        until = self._quiet.get(place, 0.0)
        if until > now:
            raise NotSent(f"speaking in {place!r}: asked to wait", retry_after_s=until - now)
        self._quiet.pop(place, None)

    def _forget_idle(self, now: float) -> None:
        if len(self._due) > _CHANNELS:
            self._due = {place: due for place, due in self._due.items() if due > now}

    def _now(self) -> float:
        return self._clock.now().timestamp()
