"""The open live connections: how many there may be, and that they end when the process does."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 500
"""Each is one socket and a few reads a second; beyond, pages are loaded anew by hand."""


class Streams:
    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._open = 0
        self.closing = asyncio.Event()

    @property
    def full(self) -> bool:
        return self._open >= self._most or self.closing.is_set()

    @contextmanager
    def one(self) -> Iterator[None]:
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def pause(self, seconds: float) -> bool:
        """False when the process is to end."""
        try:
            async with asyncio.timeout(seconds):
                await self.closing.wait()
        except TimeoutError:
            return True
        return False

    async def close(self, _: object = None) -> None:
        """End them all, and let no new one begin."""
        self.closing.set()
