"""Work that goes on after the answer, and is waited for before the process ends."""

import asyncio
import logging
from collections.abc import Coroutine

DRAIN_S = 20.0
_log = logging.getLogger(__name__)


class Background:
    """Holds its tasks, so that none is dropped half done."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._count = 0

    def start(self, work: Coroutine[None, None, None], *, name: str = "") -> None:
        """Begin the work; of those with one name a second is not begun while the first goes on."""
        if name and name in self._tasks:
            work.close()
            return
        self._count += 1
        own = name or f"slack {self._count}"
        task = asyncio.create_task(self._done(own, work), name=own)
        self._tasks[own] = task
        task.add_done_callback(lambda _: self._tasks.pop(own, None))

    async def drain(self, timeout_s: float = DRAIN_S) -> None:
        """Wait for what goes on, then stop the rest."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=timeout_s)
        left = list(self._tasks.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _done(self, name: str, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception:
            _log.warning("slack_work_failed", extra={"fields": {"work": name}}, exc_info=True)
