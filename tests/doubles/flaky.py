"""A store around another one that fails where a test says: a crash at exactly that write."""

import asyncio
from collections.abc import Sequence
from typing import Any

from orchestration.errors import SignoffError, TemporaryError
from orchestration.ports import Document, ETag, Page, Partitions, Store, Write


class FlakyStore:
    """Satisfies `ports.Store`. A batch with a document whose id starts with `fails_at` fails; of
    the next one with `unanswered_at` nobody learns that it was done; one with `slow_at` is
    `held` until it may `go_on`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.fails_at: str | None = None
        self.failure: SignoffError = TemporaryError("the store is not there", retry_after_s=1.0)
        self.unanswered_at: str | None = None
        self.slow_at: str | None = None
        self.held, self.go_on = asyncio.Event(), asyncio.Event()
        self.calls: list[str] = []

    async def get(self, container: str, partition: str, id: str) -> Document:
        self.calls.append("get")
        return await self._store.get(container, partition, id)

    async def find(self, container: str, partition: str, **options: Any) -> Page:
        self.calls.append("find")
        return await self._store.find(container, partition, **options)

    async def waiting(
        self, container: str, what: str, *, cursor: str | None = None, limit: int = 1000
    ) -> Partitions:
        self.calls.append("waiting")
        return await self._store.waiting(container, what, cursor=cursor, limit=limit)

    async def everywhere(
        self, container: str, id: str, *, cursor: str | None = None, limit: int = 100
    ) -> Page:
        self.calls.append("everywhere")
        return await self._store.everywhere(container, id, cursor=cursor, limit=limit)

    async def batch(
        self, container: str, partition: str, writes: Sequence[Write], *, operation: str
    ) -> tuple[ETag | None, ...]:
        self.calls.append("batch")
        if _has(writes, self.fails_at):
            raise self.failure
        if _has(writes, self.slow_at):
            self.held.set()
            await self.go_on.wait()
        done = await self._store.batch(container, partition, writes, operation=operation)
        if _has(writes, self.unanswered_at):
            self.unanswered_at = None
            raise TemporaryError("it is not known whether it was done", retry_after_s=1.0)
        return done


def _has(writes: Sequence[Write], prefix: str | None) -> bool:
    return prefix is not None and any(write.id.startswith(prefix) for write in writes)
