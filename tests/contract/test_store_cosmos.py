"""The contract on Cosmos DB: the real SDK against the strict double, or against a real account."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from orchestration.adapters.cosmos import Call
from orchestration.paging import all_waiting
from orchestration.ports import Create, Delete, NotFound, Replace, Store
from tests.clock import FakeClock
from tests.contract.cosmos_account import (
    URL,
    Place,
    RealClock,
    containers,
    made_for_the_run,
    note,
)
from tests.contract.store_contract import StoreContract
from tests.far.cosmos import charges

EXPIRED_WITHIN_S = 30
INDEXED = 2


@pytest.fixture(scope="module")
def real() -> Iterator[Place | None]:
    with made_for_the_run() as place:
        yield place


@pytest.fixture
def clock(real: Place | None) -> FakeClock:
    return RealClock() if real else FakeClock()


@pytest.fixture
def calls() -> list[Call]:
    return []


@pytest.fixture
async def store(real: Place | None, clock: FakeClock, calls: list[Call]) -> AsyncIterator[Store]:
    async with containers(real, clock, "c", "d") as place, place.opened(calls) as opened:
        yield opened
    note(calls)


class TestCosmosStore(StoreContract):
    pass


async def test_what_has_expired_leaves_its_id_to_others(store: Store, clock: FakeClock) -> None:
    await store.batch("c", "p", [Create("x", {"n": 1}, ttl_s=2)], operation="1")
    await store.get("c", "p", "x")
    if not URL:
        clock.advance(2)
    async with asyncio.timeout(EXPIRED_WITHIN_S):
        while True:
            if not (await store.find("c", "p")).documents:
                break
            await asyncio.sleep(0.5)
    with pytest.raises(NotFound):
        await store.get("c", "p", "x")
    await store.batch("c", "p", [Create("x", {"n": 2})], operation="2")
    assert (await store.get("c", "p", "x")).body == {"n": 2}


@pytest.mark.parametrize("kb", [1, 4, 16, 64])
async def test_no_call_is_charged_more_than_is_assumed(
    store: Store, calls: list[Call], kb: int
) -> None:
    """A real account that fails here has the right figures: correct `charges`."""
    size = kb * 1024
    body = {"s": "x" * (size - 300)}
    (etag,) = await store.batch("c", "p", [Create("x", body, waits="w")], operation="1")
    assert etag
    await store.get("c", "p", "x")
    (etag,) = await store.batch("c", "p", [Replace("x", body, etag, waits="w")], operation="2")
    await store.find("c", "p")
    await store.batch("c", "p", [Delete("x", etag)], operation="3")
    charged = [call.charge for call in calls if call.kind in ("read", "query", "batch")]
    assumed = [
        charges.insert(size, INDEXED),
        2 * charges.read(size),
        charges.replace(size, INDEXED),
        2 * charges.query([size]),
        charges.delete(size, INDEXED),
    ]
    assert len(charged) == len(assumed)
    for one, most in zip(charged, assumed, strict=True):
        assert 0 < one <= 1.1 * most


async def test_listing_costs_the_same_however_many_partitions_there_are(
    store: Store, calls: list[Call]
) -> None:
    """What the composite index is for."""

    async def charged() -> float:
        calls.clear()
        await store.find("c", "p", prefix="a", limit=10)
        return sum(call.charge for call in calls)

    await store.batch("c", "p", [Create(f"a{n}", {}) for n in range(10)], operation="o")
    before = await charged()
    for n in range(200):
        await store.batch("c", f"p{n}", [Create(f"a{k}", {}) for k in range(10)], operation="o")
    assert await charged() <= 1.2 * before


async def test_a_list_at_session_consistency_costs_half(store: Store, calls: list[Call]) -> None:
    await store.batch("c", "p", [Create(f"a{n}", {}) for n in range(10)], operation="o")
    calls.clear()
    await store.find("c", "p")
    await store.find("c", "p", session=True)
    whole, half = [call.charge for call in calls]
    assert half == pytest.approx(whole / 2, abs=0.1)


async def test_a_long_list_comes_whole(store: Store) -> None:
    for n in range(12):
        writes = [Create(f"{n:02}-{k:02}", {}) for k in range(100)]
        await store.batch("c", "p", writes, operation=f"{n}")
    page = await store.find("c", "p", limit=1150)
    assert len(page.documents) == 1150
    rest = await store.find("c", "p", limit=1150, cursor=page.cursor)
    assert [one.id for one in rest.documents][:1] == ["11-50"]
    assert (len(rest.documents), rest.cursor) == (50, None)


async def test_what_is_asked_at_once_is_answered_apart(store: Store) -> None:
    """The SDK keeps the headers of its last answer, whoever that was for."""
    for n in range(12):
        writes = [Create(f"x{k}", {"n": n}, waits=f"w{k}") for k in range(10)]
        await store.batch("c", f"p{n}", writes, operation="o")

    async def everywhere(k: int) -> list[int]:
        found, cursor = [], None
        while True:
            page = await store.everywhere("c", f"x{k}", cursor=cursor, limit=2)
            found += [one.body["n"] for one in page.documents]
            cursor = page.cursor
            if cursor is None:
                return sorted(found)

    listed = await asyncio.gather(*(everywhere(k) for k in range(10)))
    assert listed == [list(range(12))] * 10
    waiting = await asyncio.gather(*(all_waiting(store, "c", f"w{k}") for k in range(10)))
    assert [len(found) for found in waiting] == [12] * 10
