"""Shows that an answer is being worked on, from soon after a question until the answer goes out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.teams.connector import Connector, Place
from orchestration.errors import SignoffError
from orchestration.messages import ThreadId

_AFTER_S = 0.7
"""Quicker answers need no hint."""
_EVERY_S = 4.0
_TIMES = 8
_MOST = 32
"""Shown at once: when more people wait than that, answers go first."""

_log = logging.getLogger(__name__)


class TypingHint:
    def __init__(self, connector: Connector, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._connector = connector
        self._sleep = sleep
        self._shown: dict[ThreadId, asyncio.Task[None]] = {}

    def start(self, thread: ThreadId, place: Place) -> None:
        if thread not in self._shown and len(self._shown) < _MOST:
            task = asyncio.create_task(self._show(place), name=f"typing {thread}")
            self._shown[thread] = task
            task.add_done_callback(lambda done: self._ended(thread, done))

    def stop(self, thread: ThreadId) -> None:
        if thread in self._shown:
            self._shown.pop(thread).cancel()

    async def close(self) -> None:
        tasks = list(self._shown.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _show(self, place: Place) -> None:
        await self._sleep(_AFTER_S)
        for _ in range(_TIMES):
            try:
                await self._connector.hint(place, {"type": "typing"})
            except SignoffError as error:
                _log.info("typing_not_shown", extra={"fields": {"why": str(error)}})
                return
            await self._sleep(_EVERY_S)

    def _ended(self, thread: ThreadId, task: asyncio.Task[None]) -> None:
        if self._shown.get(thread) is task:
            del self._shown[thread]
