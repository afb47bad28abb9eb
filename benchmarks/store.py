"""How long a batch and a read take, alone and with others, and what processor time each takes here:
on the embedded store, and on Cosmos DB, whose double is a process of its own on this machine."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.figures import Figure
from bot.parts import SystemClock
from orchestration.adapters.cosmos import open_store as open_cosmos
from orchestration.adapters.sqlite import open_store
from orchestration.ports import Create, Put, Store

_BODY = {"text": "x" * 900, "n": 1}
_Call = Callable[[int], Awaitable[object]]


async def measure(folder: Path) -> list[Figure]:
    async with open_store(folder / "store.db", SystemClock()) as store:
        embedded = await _figures("store", store)
    async with _cosmos() as store:
        return [*embedded, *await _figures("cosmos", store)]


async def _figures(name: str, store: Store) -> list[Figure]:
    return [
        *await _measured(f"{name}: batch of 1", 1000, 1, _one(store)),
        *await _measured(f"{name}: batch of 5", 1000, 1, _five(store)),
        *await _measured(f"{name}: batch of 5, 32 at a time", 4000, 32, _five(store)),
        *await _measured(f"{name}: get", 2000, 1, _get(store)),
        *await _measured(f"{name}: get, 32 at a time", 4000, 32, _get(store)),
        *await _measured(f"{name}: find 10", 1000, 1, _find(store)),
    ]


@asynccontextmanager
async def _cosmos() -> AsyncIterator[Store]:
    command = (sys.executable, "-m", "tests.far.cosmos", "c")
    double = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert double.stdout
    try:
        told = json.loads(await double.stdout.readline())
        async with open_cosmos(told["url"], "signoff", told["key"]) as store:
            yield store
    finally:
        double.terminate()
        await double.wait()


def _one(store: Store) -> _Call:
    return lambda n: store.batch("c", "one", [Create(f"{n}", _BODY)], operation=f"{n}")


def _five(store: Store) -> _Call:
    def run(n: int) -> Awaitable[object]:
        writes = [Put(f"{n % 500}-{k}", _BODY) for k in range(5)]
        return store.batch("c", f"p{n % 32}", writes, operation=f"{perf_counter()}-{n}")

    return run


def _get(store: Store) -> _Call:
    return lambda n: store.get("c", "one", f"{n % 1000}")


def _find(store: Store) -> _Call:
    return lambda n: store.find("c", "one", prefix=f"{n % 10}", limit=10)


async def _measured(name: str, times: int, at_once: int, run: _Call) -> list[Figure]:
    """How long a call takes, how many are done in a second, and the processor time of one."""
    taken: list[float] = []
    numbers = iter(range(times))

    async def worker() -> None:
        for n in numbers:
            start = perf_counter()
            await run(n)
            taken.append((perf_counter() - start) * 1000)

    began, busy = perf_counter(), process_time()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    lasted, busy = perf_counter() - began, process_time() - busy
    return [
        Figure(name, taken, "ms"),
        Figure(f"{name}: calls", [times / lasted], "1/s"),
        Figure(f"{name}: CPU", [busy * 1000 / times], "ms"),
    ]
