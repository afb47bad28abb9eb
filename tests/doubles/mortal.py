"""A store of a process that dies: from the chosen write on nothing it does has any effect."""

from collections.abc import Sequence
from typing import Any

from orchestration.ports import Document, ETag, Page, Partitions, Store, Write


class Died(BaseException):
    """No `except Exception` and no `finally` of a killed process does anything."""


class MortalStore:
    """Satisfies `ports.Store`. Dies at the write numbered `at` (from 1), before or after it."""

    def __init__(self, store: Store, *, at: int = 0, after: bool = False) -> None:
        self._store = store
        self._at = at
        self._after = after
        self.writes = 0
        self.dead = False

    async def get(self, container: str, partition: str, id: str) -> Document:
        self._check()
        return await self._store.get(container, partition, id)

    async def find(self, container: str, partition: str, **options: Any) -> Page:
        self._check()
        return await self._store.find(container, partition, **options)

    async def waiting(
        self, container: str, what: str, *, cursor: str | None = None, limit: int = 1000
    ) -> Partitions:
        self._check()
        return await self._store.waiting(container, what, cursor=cursor, limit=limit)

    async def everywhere(
        self, container: str, id: str, *, cursor: str | None = None, limit: int = 100
    ) -> Page:
        self._check()
        return await self._store.everywhere(container, id, cursor=cursor, limit=limit)

    async def batch(
        self, container: str, partition: str, writes: Sequence[Write], *, operation: str
    ) -> tuple[ETag | None, ...]:
        self._check()
        self.writes += 1
        dies = self.writes == self._at
        if dies and not self._after:
            self.dead = True
        self._check()
        try:
            return await self._store.batch(container, partition, writes, operation=operation)
        finally:
            self.dead = self.dead or dies
            self._check()

    def _check(self) -> None:
        if self.dead:
            raise Died
