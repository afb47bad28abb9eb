"""All deployments in a line each, read at most once in a few seconds however many people look."""

import asyncio
from datetime import datetime, timedelta

from orchestration.listing import Summary
from orchestration.ports import Clock
from orchestration.service import Service

MOST = 1000
"""The newest deployments that overviews know of."""
FRESH = timedelta(seconds=3)


class Overview:
    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._clock = clock
        self._read: tuple[datetime, tuple[Summary, ...]] | None = None
        self._reading = asyncio.Lock()

    async def summaries(self) -> tuple[Summary, ...]:
        """The newest deployments, the newest first."""
        async with self._reading:
            now = self._clock.now()
            if self._read is None or now - self._read[0] > FRESH:
                self._read = now, await self._service.summaries(MOST)
            return self._read[1]

    def forget(self) -> None:
        """Something was decided here: the next look is a new one."""
        self._read = None
