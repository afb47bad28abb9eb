"""How long a batch and a read take on the embedded store, alone and with others."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure
from bot.parts import SystemClock
from orchestration.adapters.sqlite import open_store
from orchestration.ports import Create, Put, Store

_BODY = {"text": "x" * 900, "n": 1}
_Call = Callable[[int], Awaitable[object]]


async def measure(folder: Path) -> list[Figure]:
    async with open_store(folder / "store.db", SystemClock()) as store:
        return [
            await _figure("store: batch of 1", 1000, 1, _one(store)),
            await _figure("store: batch of 5", 1000, 1, _five(store)),
            await _figure("store: batch of 5, 32 at a time", 4000, 32, _five(store)),
            await _figure("store: get", 2000, 1, _get(store)),
            await _figure("store: get, 32 at a time", 4000, 32, _get(store)),
        ]


def _one(store: Store) -> _Call:
    return lambda n: store.batch("c", "one", [Create(f"{n}", _BODY)], operation=f"{n}")


def _five(store: Store) -> _Call:
    def run(n: int) -> Awaitable[object]:
        writes = [Put(f"{n % 500}-{k}", _BODY) for k in range(5)]
        return store.batch("c", f"p{n % 32}", writes, operation=f"{perf_counter()}-{n}")

    return run


def _get(store: Store) -> _Call:
    return lambda n: store.get("c", "one", f"{n % 1000}")


async def _figure(name: str, times: int, at_once: int, run: _Call) -> Figure:
    taken: list[float] = []
    numbers = iter(range(times))

    async def worker() -> None:
        for n in numbers:
            start = perf_counter()
            await run(n)
            taken.append((perf_counter() - start) * 1000)

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return Figure(name, taken, "ms")
