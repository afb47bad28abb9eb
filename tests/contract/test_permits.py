"""How many jobs may run at a time over all workers."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from orchestration.permits import LEASE, Permits
from orchestration.ports import Store
from tests.clock import FakeClock
from tests.contract.leaving import asked
from tests.doubles.flaky import FlakyStore
from tests.doubles.house import House, draft
from tests.doubles.temporal import cluster
from tests.doubles.terraform import FakeTerraform

_LIMIT = 3


async def _a_moment(_: float) -> None:
    await asyncio.sleep(0.001)


def _permits(store: Store, clock: FakeClock, holder: str, limit: int = _LIMIT) -> Permits:
    return Permits(store, "acme", clock, limit=limit, holder=holder, sleep=_a_moment)


async def test_no_more_than_the_limit_run_over_all_processes(
    store: Store, clock: FakeClock
) -> None:
    now, most = 0, 0
    processes = [_permits(store, clock, f"worker {n}") for n in range(4)]

    async def job(permits: Permits) -> None:
        nonlocal now, most
        async with permits.one():
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.03)
            now -= 1

    async with asyncio.TaskGroup() as jobs:
        for n in range(16):
            jobs.create_task(job(processes[n % len(processes)]))
    assert most == _LIMIT


async def test_what_a_dead_process_held_is_free_after_a_while(
    store: Store, clock: FakeClock
) -> None:
    its_store = FlakyStore(store)
    dead, alive = _permits(its_store, clock, "dead"), _permits(store, clock, "alive")
    async with AsyncExitStack() as held:
        for _ in range(_LIMIT):
            await held.enter_async_context(dead.one())
        its_store.fails_at = "permits"  # nothing is given back
    waiting = asyncio.create_task(_once(alive))
    await asyncio.sleep(0.02)
    clock.advance(LEASE.total_seconds() - 1)
    await asyncio.sleep(0.02)
    assert not waiting.done()
    clock.advance(2)
    await asyncio.wait_for(waiting, 5)


async def test_who_says_so_again_keeps_them(store: Store, clock: FakeClock) -> None:
    busy, other = _permits(store, clock, "busy", 1), _permits(store, clock, "other", 1)
    async with busy.one():
        waiting = asyncio.create_task(_once(other))
        for _ in range(5):
            clock.advance(LEASE.total_seconds() / 2)
            await busy.renew()
            await asyncio.sleep(0.01)
        assert not waiting.done()
    await asyncio.wait_for(waiting, 5)


async def test_while_the_store_is_away_nothing_new_begins_and_nothing_is_lost(
    store: Store, clock: FakeClock
) -> None:
    flaky = FlakyStore(store)
    permits = _permits(flaky, clock, "worker", 1)
    async with permits.one():
        flaky.fails_at = "permits"
        clock.advance(LEASE.total_seconds() * 2)
    waiting = asyncio.create_task(_once(permits))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    flaky.fails_at = None
    await asyncio.wait_for(waiting, 5)


async def test_without_a_limit_nothing_is_asked(store: Store, clock: FakeClock) -> None:
    flaky = FlakyStore(store)
    await _once(_permits(flaky, clock, "worker", 0))
    assert flaky.calls == []


async def test_workers_keep_the_limit_of_all_together(home: House) -> None:
    running = Running(home)
    async with (
        cluster(home) as temporal,
        temporal.worker(terraform=running, limit=1),
        temporal.worker(terraform=running, limit=1),
    ):
        ids = [await home.submit(draft("storage", account_name=f"stml{n}")) for n in range(6)]
        for id in ids:
            await temporal.engine.nudge(id)
        for id in ids:
            await temporal.until(id, asked)
    assert running.most == 1


class Running(FakeTerraform):
    """Counts how many plans are made at a time."""

    def __init__(self, home: House) -> None:
        super().__init__(home.cloud)
        self.now = self.most = 0
        self._plan: Callable[..., object] = super().plan

    async def plan(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0.02)
            return await self._plan(*args, **kwargs)  # type: ignore[misc]
        finally:
            self.now -= 1


async def _once(permits: Permits) -> None:
    async with permits.one():
        pass
