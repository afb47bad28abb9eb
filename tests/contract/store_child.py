"""What another process does to the store: `store_child.py count|stream <path> <name> [times]`."""

import asyncio
import sys
from pathlib import Path

from orchestration.adapters.sqlite import open_store
from orchestration.ports import Conflict, Create, NotFound, Replace, Stale, Store
from tests.clock import FakeClock


async def count(store: Store, name: str, times: int) -> None:
    """Add one to a counter, again and again; whoever loses a race reads again."""
    for n in range(times):
        while True:
            try:
                await _add_one(store, f"{name}-{n}")
                break
            except (Stale, Conflict):
                continue


async def _add_one(store: Store, operation: str) -> None:
    try:
        counter = await store.get("c", "p", "counter")
    except NotFound:
        await store.batch("c", "p", [Create("counter", {"n": 1})], operation=operation)
        return
    write = Replace("counter", {"n": counter.body["n"] + 1}, counter.etag)
    await store.batch("c", "p", [write], operation=operation)


async def stream(store: Store, name: str) -> None:
    """Write for ever, saying what has been acknowledged."""

    async def worker(k: int) -> None:
        n = 0
        while True:
            word = f"{name}-{k}-{n}"
            writes = [Create(word, {"n": 1}), Create(word + "~", {"n": 2})]
            await store.batch("c", "p", writes, operation=word)
            sys.stdout.write(word + ".\n")
            sys.stdout.flush()
            n += 1

    await asyncio.gather(*map(worker, range(4)))


async def main(what: str, path: str, name: str, times: str = "0") -> None:
    async with open_store(Path(path), FakeClock()) as store:
        await (count(store, name, int(times)) if what == "count" else stream(store, name))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
