import asyncio
from pathlib import Path

import pytest

from orchestration.adapters.sqlite import open_store
from orchestration.lease import LEASE_S, LeaseLost, Leases
from orchestration.messages import ThreadId
from orchestration.ports import Conflict, Create, NotFound, Put, Store
from tests.clock import FakeClock

THREAD = ThreadId("t")


@pytest.fixture
def ours(store: Store, clock: FakeClock) -> Leases:
    return Leases(store, clock, "ours")


@pytest.fixture
def theirs(store: Store, clock: FakeClock) -> Leases:
    return Leases(store, clock, "theirs")


async def test_a_lease_keeps_others_out_until_it_runs_out(
    ours: Leases, theirs: Leases, clock: FakeClock
) -> None:
    assert await ours.acquire(THREAD)
    clock.advance(LEASE_S - 0.001)
    assert await theirs.acquire(THREAD) is None
    clock.advance(0.001)
    stolen = await theirs.acquire(THREAD)
    assert stolen
    assert stolen.epoch == 2


async def test_a_renewed_lease_lasts_longer(ours: Leases, theirs: Leases, clock: FakeClock) -> None:
    lease = await ours.acquire(THREAD)
    assert lease
    for _ in range(5):
        clock.advance(LEASE_S - 1)
        await ours.renew(lease)
    assert await theirs.acquire(THREAD) is None
    assert (lease.expires - clock.now()).total_seconds() == LEASE_S


async def test_a_released_lease_is_free_at_once(ours: Leases, theirs: Leases) -> None:
    lease = await ours.acquire(THREAD)
    assert lease
    await ours.release(lease)
    assert await theirs.acquire(THREAD)
    await ours.release(lease)
    assert await ours.acquire(THREAD) is None


async def test_an_owner_that_restarted_goes_on_at_once(ours: Leases) -> None:
    first, second = await ours.acquire(THREAD), await ours.acquire(THREAD)
    assert first
    assert second
    assert second.epoch == first.epoch + 1
    with pytest.raises(LeaseLost):
        await ours.renew(first)


async def test_who_lost_the_lease_cannot_write(
    ours: Leases, theirs: Leases, store: Store, clock: FakeClock
) -> None:
    frozen = await ours.acquire(THREAD)
    assert frozen
    clock.advance(LEASE_S)
    lease = await theirs.acquire(THREAD)
    assert lease
    with pytest.raises(LeaseLost, match="'t'"):
        await ours.write(frozen, [Put("head", {"by": "ours"})], operation="1")
    with pytest.raises(NotFound):
        await store.get("threads", THREAD, "head")
    await theirs.write(lease, [Put("head", {"by": "theirs"})], operation="2")
    assert (await store.get("threads", THREAD, "head")).body == {"by": "theirs"}


async def test_a_write_says_what_was_wrong_with_it(ours: Leases) -> None:
    lease = await ours.acquire(THREAD)
    assert lease
    (first,) = await ours.write(lease, [Create("head", {})], operation="1")
    with pytest.raises(Conflict):
        await ours.write(lease, [Create("head", {})], operation="2")
    assert await ours.write(lease, [Create("head", {})], operation="1") == (first,)
    await ours.write(lease, [Put("head", {})], operation="3")


async def test_writes_and_renewals_at_once_do_not_lose_the_lease(ours: Leases) -> None:
    lease = await ours.acquire(THREAD)
    assert lease
    writes = [ours.write(lease, [Create(f"{n}", {})], operation=f"{n}") for n in range(10)]
    await asyncio.gather(*writes, *(ours.renew(lease) for _ in range(5)))


async def test_of_many_processes_one_gets_it(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "shared.db"
    async with open_store(path, clock) as one, open_store(path, clock) as two:
        owners = [Leases((one, two)[n % 2], clock, f"{n}") for n in range(20)]
        for epoch in (1, 2):
            leases = await asyncio.gather(*(owner.acquire(THREAD) for owner in owners))
            (lease,) = [lease for lease in leases if lease]
            assert lease.epoch == epoch
            clock.advance(LEASE_S)
