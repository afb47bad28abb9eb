"""What one turn or click costs: a store that counts, a purse for Cosmos DB's charges, and a
stopwatch for a method."""

from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from time import perf_counter
from typing import Any, TypeVar

from orchestration.adapters.cosmos import Call
from orchestration.ports import Document, ETag, Page, Partitions, Store, Write

_T = TypeVar("_T")


@dataclass(slots=True)
class Tally:
    """What was done on behalf of whoever set it, in the tasks they started as well."""

    calls: list[str] = field(default_factory=list)
    ru: float = 0.0
    """As the account charged it."""
    store_s: float = 0.0
    planner_s: float = 0.0


TALLY: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def counted(tally: Tally) -> Iterator[None]:
    """What is done inside, and by tasks started inside, is noted in the tally."""
    token = TALLY.set(tally)
    try:
        yield
    finally:
        TALLY.reset(token)


def charge(call: Call) -> None:
    """For `open_store` of Cosmos DB, to tell of every request; its account is BoundedStaleness."""
    tally = TALLY.get()
    if tally and call.kind in ("read", "query", "batch"):
        tally.ru += call.charge


class CountingStore:
    """`ports.Store` in front of another one; notes its calls in the tally of the caller."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, container: str, partition: str, id: str) -> Document:
        return await _counted(self._store.get(container, partition, id), f"get {id}")

    async def find(self, container: str, partition: str, **options: Any) -> Page:
        name = f"find {container}:{options.get('prefix', '')}"
        return await _counted(self._store.find(container, partition, **options), name)

    async def waiting(self, container: str, what: str, **options: Any) -> Partitions:
        work = self._store.waiting(container, what, **options)
        return await _counted(work, f"waiting {container}:{what}")

    async def everywhere(self, container: str, id: str, **options: Any) -> Page:
        return await _counted(self._store.everywhere(container, id, **options), f"everywhere {id}")

    async def batch(
        self, container: str, partition: str, writes: Sequence[Write], *, operation: str
    ) -> tuple[ETag | None, ...]:
        work = self._store.batch(container, partition, writes, operation=operation)
        return await _counted(work, f"batch {' '.join(write.id for write in writes)}")


async def _counted(work: Awaitable[_T], name: str) -> _T:
    start = perf_counter()
    try:
        return await work
    finally:
        if tally := TALLY.get():
            tally.calls.append(name)
            tally.store_s += perf_counter() - start


def time_planner(planner: type) -> None:
    """Note the time spent in the class's `answer` in the tally of the caller."""
    original = planner.answer  # type: ignore[attr-defined]

    @wraps(original)
    async def answer(*arguments: Any) -> Any:
        start = perf_counter()
        try:
            return await original(*arguments)
        finally:
            if tally := TALLY.get():
                tally.planner_s += perf_counter() - start

    planner.answer = answer  # type: ignore[attr-defined]
