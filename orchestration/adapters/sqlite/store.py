"""`ports.Store` in one SQLite file."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from orchestration.adapters.documents import check_ids, check_names, encoded
from orchestration.adapters.sqlite import reading
from orchestration.adapters.sqlite.schema import connect, prepare, translating
from orchestration.adapters.sqlite.writer import Writer
from orchestration.adapters.sqlite.writing import Batch, ETags
from orchestration.ports import Clock, Document, Page, Partitions, Write

READERS = 2
_T = TypeVar("_T")


class SqliteStore:
    """Reads and writes on threads of its own, so that the event loop never waits for the disk."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._writer = Writer(path, clock)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        for _ in range(READERS):
            self._idle.put(connect(path))

    async def get(self, container: str, partition: str, id: str) -> Document:
        check_names(container, partition)
        check_ids(id)
        now = self._clock.now().timestamp()
        return await self._read(
            f"reading {container}/{partition}/{id}",
            lambda connection: reading.get(connection, container, partition, id, now),
        )

    async def find(
        self,
        container: str,
        partition: str,
        *,
        prefix: str = "",
        cursor: str | None = None,
        limit: int = 100,
        descending: bool = False,
        session: bool = False,
    ) -> Page:
        now = self._clock.now().timestamp()
        return await self._read(
            f"listing {container}/{partition}/{prefix}",
            lambda connection: reading.find(
                connection,
                container,
                partition,
                prefix=prefix,
                cursor=cursor,
                limit=limit,
                descending=descending,
                now=now,
            ),
        )

    async def batch(
        self, container: str, partition: str, writes: Sequence[Write], *, operation: str
    ) -> ETags:
        check_names(container, partition, operation)
        texts = encoded(f"{container}/{partition}", writes)
        batch = Batch(container, partition, tuple(writes), texts, operation)
        self._writer.submit(batch)
        return await asyncio.wrap_future(batch.answer)

    async def waiting(
        self, container: str, what: str, *, cursor: str | None = None, limit: int = 1000
    ) -> Partitions:
        now = self._clock.now().timestamp()
        return await self._read(
            f"looking for what waits in {container}",
            lambda connection: reading.waiting(
                connection, container, what, cursor or "", limit, now
            ),
        )

    async def everywhere(
        self, container: str, id: str, *, cursor: str | None = None, limit: int = 100
    ) -> Page:
        now = self._clock.now().timestamp()
        return await self._read(
            f"listing {container}/*/{id}",
            lambda connection: reading.everywhere(
                connection, container, id, cursor or "", limit, now
            ),
        )

    def close(self) -> None:
        """Finish what was asked, then let go of the file."""
        self._writer.close()
        self._threads.shutdown()
        while not self._idle.empty():
            self._idle.get().close()

    async def _read(self, doing: str, read: Callable[[sqlite3.Connection], _T]) -> _T:
        def work() -> _T:
            connection = self._idle.get()
            try:
                with translating(doing):
                    return read(connection)
            finally:
                self._idle.put(connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


@asynccontextmanager
async def open_store(path: Path, clock: Clock) -> AsyncIterator[SqliteStore]:
    """The store in `path`, made if it is not there. Several processes may have it open at once.

    Raises: PermanentError - the file cannot be used; the message says why.
    """
    await asyncio.to_thread(prepare, path)
    store = SqliteStore(path, clock)
    try:
        yield store
    finally:
        await asyncio.to_thread(store.close)
