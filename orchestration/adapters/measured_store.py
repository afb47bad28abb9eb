"""A store whose calls are counted and timed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Unpack

from orchestration.measures import store_called, timing
from orchestration.ports import (
    Document,
    ETag,
    FindOptions,
    Page,
    Partitions,
    Store,
    StoreError,
    Write,
)


class MeasuredStore:
    """Satisfies `ports.Store` by way of another one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, container: str, partition: str, id: str) -> Document:
        with _measured(container, "get"):
            return await self._store.get(container, partition, id)

    async def find(self, container: str, partition: str, **options: Unpack[FindOptions]) -> Page:
        with _measured(container, "find"):
            return await self._store.find(container, partition, **options)

    async def batch(
        self, container: str, partition: str, writes: Sequence[Write], *, operation: str
    ) -> tuple[ETag | None, ...]:
        with _measured(container, "batch"):
            return await self._store.batch(container, partition, writes, operation=operation)

    async def waiting(
        self, container: str, what: str, *, cursor: str | None = None, limit: int = 1000
    ) -> Partitions:
        with _measured(container, "waiting"):
            return await self._store.waiting(container, what, cursor=cursor, limit=limit)

    async def everywhere(
        self, container: str, id: str, *, cursor: str | None = None, limit: int = 100
    ) -> Page:
        with _measured(container, "everywhere"):
            return await self._store.everywhere(container, id, cursor=cursor, limit=limit)


@contextmanager
def _measured(container: str, operation: str) -> Iterator[None]:
    """What the store refuses by its promises (a lost race, nothing there) has a word of its own."""
    with timing(partial(store_called, container, operation)) as timed:
        try:
            yield
        except StoreError as error:
            timed.outcome = type(error).__name__.lower()
            raise
