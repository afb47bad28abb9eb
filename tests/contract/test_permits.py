"""How many jobs may run at a time over all workers."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from orchestration.errors import TemporaryError
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


async def _a_while(_: float) -> None:
    await asyncio.sleep(0.5)


def _permits(
    store: Store,
    clock: FakeClock,
    holder: str,
    limit: int = _LIMIT,
    *,
    sleep: Callable[[float], Awaitable[None]] = _a_moment,
) -> Permits:
    return Permits(store, "acme", clock, limit=limit, holder=holder, sleep=sleep)


async def _taken(permits: Permits, count: int) -> None:
    for _ in range(count):
        await asyncio.wait_for(permits.take(), 5)


async def _waits(permits: Permits) -> "asyncio.Task[None]":
    """Somebody for whom there is none."""
    task = asyncio.create_task(permits.take())
    await asyncio.sleep(0.02)
    assert not task.done()
    return task


async def test_no_more_than_the_limit_run_over_all_processes(
    store: Store, clock: FakeClock
) -> None:
    now, most = 0, 0
    processes = [_permits(store, clock, f"worker {n}") for n in range(4)]

    async def job(permits: Permits) -> None:
        nonlocal now, most
        await permits.take()
        with permits.running():
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.03)
            now -= 1
        permits.give()

    async with asyncio.TaskGroup() as jobs:
        for n in range(16):
            jobs.create_task(job(processes[n % len(processes)]))
    assert most == _LIMIT


async def test_what_is_free_again_goes_to_the_next_job_of_the_process_without_a_call(
    store: Store, clock: FakeClock
) -> None:
    counted = FlakyStore(store)
    permits = _permits(counted, clock, "worker", 1)
    await permits.take()
    waiting = await _waits(permits)
    counted.calls.clear()
    permits.give()
    await asyncio.wait_for(waiting, 5)
    assert "batch" not in counted.calls


async def test_who_has_nothing_to_do_lets_others_take_it(store: Store, clock: FakeClock) -> None:
    idle = _permits(store, clock, "idle", 1, sleep=_a_while)
    busy = _permits(store, clock, "busy", 1)
    await idle.take()
    waiting, again = await _waits(busy), await _waits(idle)
    idle.give(idle=True)
    await asyncio.wait_for(waiting, 5)
    assert not again.done()
    busy.give()
    await asyncio.wait_for(again, 5)


async def test_what_a_dead_process_held_is_free_after_a_while(
    store: Store, clock: FakeClock
) -> None:
    dead, alive = _permits(store, clock, "dead"), _permits(store, clock, "alive")
    await _taken(dead, _LIMIT)
    waiting = await _waits(alive)
    clock.advance(LEASE.total_seconds() - 1)
    await asyncio.sleep(0.02)
    assert not waiting.done()
    clock.advance(2)
    await asyncio.wait_for(waiting, 5)


async def test_who_says_so_again_keeps_them(store: Store, clock: FakeClock) -> None:
    busy, other = _permits(store, clock, "busy", 1), _permits(store, clock, "other", 1)
    await busy.take()
    waiting = await _waits(other)
    for _ in range(5):
        clock.advance(LEASE.total_seconds() / 2)
        await busy.renew()
        await asyncio.sleep(0.01)
    assert not waiting.done()
    busy.give()
    await asyncio.wait_for(waiting, 5)


async def test_who_leaves_holds_none(store: Store, clock: FakeClock) -> None:
    leaving, other = _permits(store, clock, "leaving"), _permits(store, clock, "other")
    async with leaving.kept():
        await _taken(leaving, _LIMIT)
    await _taken(other, _LIMIT)


async def test_what_is_given_back_after_the_end_counts_for_nothing(
    store: Store, clock: FakeClock
) -> None:
    """A poll that the cluster had forgotten came back late."""
    leaving, other = _permits(store, clock, "leaving"), _permits(store, clock, "other")
    async with leaving.kept():
        await _taken(leaving, 1)
    leaving.give()
    await leaving.renew()
    await _taken(other, _LIMIT)
    (await _waits(other)).cancel()


async def test_while_the_store_is_away_nothing_new_begins_and_nothing_is_lost(
    store: Store, clock: FakeClock
) -> None:
    flaky = FlakyStore(store)
    permits = _permits(flaky, clock, "worker", 1)
    await permits.take()
    flaky.fails_at = "permits"
    clock.advance(LEASE.total_seconds())
    with pytest.raises(TemporaryError), permits.running():
        pass
    permits.give()
    waiting = await _waits(permits)
    flaky.fails_at = None
    await asyncio.wait_for(waiting, 5)
    with permits.running():
        pass


async def test_a_job_that_comes_for_a_permit_that_others_have_by_now_does_not_begin(
    store: Store, clock: FakeClock
) -> None:
    cut_off, other = _permits(store, clock, "cut off", 2), _permits(store, clock, "other", 2)
    await _taken(cut_off, 2)
    with cut_off.running():
        clock.advance(LEASE.total_seconds())
        await other.take()
        await cut_off.renew()
        with pytest.raises(TemporaryError), cut_off.running():
            pass
        cut_off.give()
        waiting = await _waits(cut_off)
    other.give()
    await asyncio.wait_for(waiting, 5)


async def test_without_a_limit_nothing_is_asked(store: Store, clock: FakeClock) -> None:
    flaky = FlakyStore(store)
    permits = _permits(flaky, clock, "worker", 0)
    async with permits.kept():
        with permits.running(), permits.running():
            pass
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
