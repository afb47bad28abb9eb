"""`make growth`: what turns, clicks and lists take as the store fills.

Copies of real deployments are written past the store's door. First a hundred of them wait for
sign-off, of a thousand, a hundred thousand and a million. Then a hundred, a thousand and ten
thousand of as many wait: a list of what is open and a sweep may cost more then, nothing else may.
What is measured runs as in `tests.doubles.accounted`: all is real but cloud, engine and surface.
SQLite is judged by time, Cosmos DB by calls and charge.
"""

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TypeAlias

from benchmarks import filling
from benchmarks.counting import Tally, charge, counted
from benchmarks.figures import Figure
from benchmarks.filling import Amount
from orchestration.adapters.cosmos import open_store as open_cosmos
from orchestration.adapters.sqlite import open_store
from orchestration.paging import all_waiting
from orchestration.standing import standing
from tests.clock import FakeClock
from tests.doubles.accounted import DATABASE, Accounted, living
from tests.doubles.house import ORGANISATION

MOST_GROWTH = 1.2
ALL = (1_000, 100_000, 1_000_000)
WHOLE_ON_COSMOS = 50_000
"""Cosmos DB's double keeps all in memory, 20 KB for a deployment with all that it consists of."""
OPEN = (100, 1_000, 10_000)
OF_OPEN = 20_000
_BY_OPEN = {"the newest 100, and what is open", "a sweep"}
"""What may cost more the more is open."""
_ROUNDS = 30
_ASK = "a storage account for team t{n} in production, East US"


@dataclass(frozen=True, slots=True)
class Cost:
    ms: float
    tally: Tally


Costs: TypeAlias = Mapping[str, Sequence[Cost]]
Opened: TypeAlias = Callable[[Path, Amount], AbstractAsyncContextManager[Accounted]]


async def measure(folder: Path) -> list[Figure]:
    filling.write(folder / "templates", await _templates(folder))
    sqlite, cosmos = partial(_costs, _sqlite, folder), partial(_costs, _cosmos, folder)
    everything = (
        {f"{n:,}": await sqlite(Amount(n)) for n in ALL},
        {f"{n:,}": await cosmos(Amount(n, whole=WHOLE_ON_COSMOS)) for n in ALL},
    )
    open_ones = (
        {f"{n:,} open": await sqlite(Amount(OF_OPEN, n)) for n in OPEN},
        {f"{n:,} open": await cosmos(Amount(OF_OPEN, n)) for n in OPEN},
    )
    return [*_compared(*everything, ()), *_compared(*open_ones, _BY_OPEN)]


def _compared(
    sqlite: Mapping[str, Costs], cosmos: Mapping[str, Costs], growing: Collection[str]
) -> list[Figure]:
    return [
        *_grown("SQLite", "ms", sqlite, lambda cost: cost.ms, growing),
        *_grown("Cosmos DB", "calls", cosmos, lambda cost: len(cost.tally.calls), growing),
        *_grown("Cosmos DB", "RU", cosmos, lambda cost: cost.tally.ru, growing),
    ]


def _grown(
    store: str,
    unit: str,
    found: Mapping[str, Costs],
    value: Callable[[Cost], float],
    growing: Collection[str],
) -> list[Figure]:
    """Each thing at each size, and how it has grown from the smallest to the largest, which has no
    goal for what is `growing` by its nature."""
    first, *_, last = found.values()
    figures: list[Figure] = []
    for what in first:
        each = {n: sorted(value(cost) for cost in costs[what]) for n, costs in found.items()}
        figures += [Figure(f"{store}, {n}: {what}", some, unit) for n, some in each.items()]
        grown = _middle(last[what], value) / _middle(first[what], value)
        goal = None if what in growing else MOST_GROWTH
        figures.append(Figure(f"  {what}: growth", [grown], "x", goal, "median"))
    return figures


def _middle(costs: Sequence[Cost], value: Callable[[Cost], float]) -> float:
    return sorted(value(cost) for cost in costs)[len(costs) // 2]


async def _costs(opened: Opened, folder: Path, amount: Amount) -> Costs:
    made = folder / f"{opened.__name__}-{amount.all}-{amount.open}"
    made.mkdir()
    async with opened(made, amount) as one:
        found: dict[str, list[Cost]] = defaultdict(list)
        for n in range(_ROUNDS):
            await _round(one, n, found)
        for _ in range(_ROUNDS):  # after all that they would take out of the caches
            await _lists(one, found)
    return found


async def _round(one: Accounted, n: int, found: dict[str, list[Cost]]) -> None:
    thread = f"grown-{n}"

    async def spoken(name: str, event: Awaitable[Tally]) -> None:
        tally = await event
        found[name].append(Cost(one.spoken_ms, tally))

    await spoken("a word", one.says("hello", thread=thread))
    await spoken("a request", one.says(_ASK.format(n=n), thread=thread))
    key = (await one.session(thread)).draft_key
    await spoken("submitting", one.clicks("submit", thread=thread, draft=key))
    id = (await one.session(thread)).deployment
    assert id, one.surface.said[-8:]
    await one.works(id)
    await spoken("status", one.says("status", thread=thread))
    tally = await one.decides("approve", "omar", id)
    found["a decision"].append(Cost(one.received_ms, tally))
    assert standing(await one.home.get(id)) == "queued"


async def _lists(one: Accounted, found: dict[str, list[Cost]]) -> None:
    async def listed(name: str, reading: Awaitable[object]) -> None:
        tally, start = Tally(), perf_counter()
        with counted(tally):
            await reading
        found[name].append(Cost((perf_counter() - start) * 1000, tally))

    await listed("the newest 100, and what is open", one.service.summaries(100))
    await listed("a sweep", all_waiting(one.home.store, "deployments", "open"))


async def _templates(folder: Path) -> tuple[filling.Template, filling.Template]:
    """An ended and a waiting deployment."""
    clock = FakeClock()
    async with open_store(folder / "store.db", clock) as store, living(folder, store, clock) as one:
        id = await one.submits(_ASK.format(n="filled"), "filled")
        thread = (await one.home.get(id)).thread
        waiting = await filling.template(store, ORGANISATION, id, thread)
        await one.decides("approve", "omar", id)
        await one.works(id)
        assert standing(await one.home.get(id)) == "succeeded"
        return await filling.template(store, ORGANISATION, id, thread), waiting


@asynccontextmanager
async def _sqlite(folder: Path, amount: Amount) -> AsyncIterator[Accounted]:
    clock, path = FakeClock(), folder / "store.db"
    async with open_store(path, clock):
        """Now the tables are there."""
    ended, waiting = filling.read(folder.parent / "templates")
    filling.into_sqlite(path, filling.copies(ended, waiting, amount))
    async with open_store(path, clock) as store, living(folder, store, clock) as one:
        yield one
    path.unlink()


@asynccontextmanager
async def _cosmos(folder: Path, amount: Amount) -> AsyncIterator[Accounted]:
    amounts = map(str, (amount.all, amount.open, amount.whole or amount.all))
    command = ("-m", "benchmarks.full_cosmos", str(folder.parent / "templates"), *amounts)
    double = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE
    )
    assert double.stdout
    try:
        told = json.loads(await double.stdout.readline())
        async with (
            open_cosmos(told["url"], DATABASE, told["key"], on_call=charge) as store,
            living(folder, store, FakeClock()) as one,
        ):
            yield one
    finally:
        double.kill()
        await double.wait()
