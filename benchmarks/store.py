"""How long a batch and a read take on the embedded store: `python -m benchmarks.store [folder]`."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter

from orchestration.adapters.sqlite import open_store
from orchestration.ports import Create, Put, Store
from tests.clock import FakeClock

BODY = {"text": "x" * 900, "n": 1}


async def main(folder: Path) -> None:
    async with open_store(folder / "store.db", FakeClock()) as store:
        await _report("batch of 1, one after the other", 1000, 1, _one(store))
        await _report("batch of 5, one after the other", 1000, 1, _five(store))
        await _report("batch of 5, 32 at a time", 4000, 32, _five(store))
        await _report("get, one after the other", 2000, 1, _get(store))
        await _report("get, 32 at a time", 4000, 32, _get(store))


def _one(store: Store) -> Callable[[int], Awaitable[object]]:
    return lambda n: store.batch("c", "one", [Create(f"{n}", BODY)], operation=f"{n}")


def _five(store: Store) -> Callable[[int], Awaitable[object]]:
    def run(n: int) -> Awaitable[object]:
        writes = [Put(f"{n % 500}-{k}", BODY) for k in range(5)]
        return store.batch("c", f"p{n % 32}", writes, operation=f"{perf_counter()}-{n}")

    return run


def _get(store: Store) -> Callable[[int], Awaitable[object]]:
    return lambda n: store.get("c", "one", f"{n % 1000}")


async def _report(
    name: str, times: int, at_once: int, run: Callable[[int], Awaitable[object]]
) -> None:
    taken: list[float] = []
    numbers = iter(range(times))

    async def worker() -> None:
        for n in numbers:
            start = perf_counter()
            await run(n)
            taken.append(perf_counter() - start)

    start = perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    rate = times / (perf_counter() - start)
    taken.sort()
    p50, p95, p99 = (taken[int(len(taken) * q)] * 1000 for q in (0.5, 0.95, 0.99))
    print(f"{name:34} p50 {p50:6.2f}  p95 {p95:6.2f}  p99 {p99:6.2f} ms  {rate:7.0f}/s")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as made:
        asyncio.run(main(Path(made)))
