"""How many turns are worked on at once: few while events come in, so that these are acknowledged
before they are answered; more once none has come for a moment."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_QUIET_S = 0.05


class Turns:
    """Gives out turns, first come first served."""

    def __init__(self, *, few: int, many: int) -> None:
        self._few = few
        self._many = many
        self._running = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._quiet_from = 0.0
        self._waking: asyncio.TimerHandle | None = None

    def arrived(self) -> None:
        """An event has come in."""
        self._quiet_from = asyncio.get_running_loop().time() + _QUIET_S

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Be one of those that are worked on while inside."""
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        self._wake()
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():  # it was given out and not taken
                self._done()
            raise
        try:
            yield
        finally:
            self._done()

    def _done(self) -> None:
        self._running -= 1
        self._wake()

    def _wake(self) -> None:
        loop = asyncio.get_running_loop()
        quiet = loop.time() >= self._quiet_from
        while self._waiting and self._running < (self._many if quiet else self._few):
            first = self._waiting.popleft()
            if not first.done():
                self._running += 1
                first.set_result(None)
        if self._waiting and not quiet and self._waking is None:
            self._waking = loop.call_at(self._quiet_from, self._wake_later)

    def _wake_later(self) -> None:
        self._waking = None
        self._wake()
