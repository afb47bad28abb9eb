"""The one thread that writes: whatever waits is committed together, and answered after that."""

import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from orchestration.adapters.sqlite.schema import connect, translated
from orchestration.adapters.sqlite.writing import Batch, ETags, applied_before, apply, sweep
from orchestration.errors import PermanentError
from orchestration.ports import Clock, ETag, StoreError

MAX_GROUP = 128
SWEEP_EVERY_S = 60.0


class Writer:
    """Give it batches with `submit`; each one's `answer` is set once it is on the disk, or failed.

    An answer that was cancelled while it waited in the queue is not written at all.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._queue: SimpleQueue[Batch | None] = SimpleQueue()
        self._next_sweep = 0.0
        self._closed = False
        self._connection = connect(path)
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, batch: Batch) -> None:
        if self._closed:
            raise PermanentError(f"writing {batch}: the store is closed")
        self._queue.put(batch)

    def close(self) -> None:
        """Write what waits, then stop."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while (group := self._group()) is not None:
            self._commit([batch for batch in group if batch.answer.set_running_or_notify_cancel()])

    def _group(self) -> list[Batch] | None:
        """The batches that wait, at least one; None once the writer is closed and all are done."""
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        while len(group) < MAX_GROUP:
            try:
                batch = self._queue.get_nowait()
            except Empty:
                break
            if batch is None:
                self._queue.put(None)
                break
            group.append(batch)
        return group

    def _commit(self, group: list[Batch]) -> None:
        try:
            outcomes = self._transact(group)
        except Exception as error:
            if self._connection.in_transaction:
                self._connection.rollback()
            outcomes = [self._failure(error) for _ in group]
        for batch, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Exception):
                batch.answer.set_exception(outcome)
            else:
                batch.answer.set_result(outcome)

    def _transact(self, group: list[Batch]) -> list[ETags | Exception]:
        now = self._clock.now().timestamp()
        self._connection.execute("BEGIN IMMEDIATE")
        (last,) = self._connection.execute("SELECT last FROM sequence").fetchone()
        numbers = count(last + 1)
        etags: Iterator[ETag] = (ETag(f"{number:x}") for number in numbers)
        outcomes = [self._try(batch, etags, now) for batch in group]
        self._connection.execute("UPDATE sequence SET last = ?", (next(numbers),))
        if now >= self._next_sweep:
            more = sweep(self._connection, now)
            self._next_sweep = now if more else now + SWEEP_EVERY_S
        self._connection.execute("COMMIT")
        return outcomes

    def _try(self, batch: Batch, etags: Iterator[ETag], now: float) -> ETags | Exception:
        self._connection.execute("SAVEPOINT batch")
        outcome: ETags | Exception
        try:
            outcome = apply(self._connection, batch, etags, now)
        except StoreError as error:
            self._connection.execute("ROLLBACK TO batch")
            outcome = applied_before(self._connection, batch, now) or error
        self._connection.execute("RELEASE batch")
        return outcome

    def _failure(self, error: Exception) -> Exception:
        doing = f"writing to the store {str(self._path)!r}"
        if isinstance(error, sqlite3.Error):
            failure: Exception = translated(doing, error)
        else:
            failure = PermanentError(f"{doing}: {error!r}")
        failure.__cause__ = error
        return failure
