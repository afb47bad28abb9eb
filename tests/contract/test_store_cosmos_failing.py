"""Cosmos DB busy, slow, away, or silent about what it did: a write is done once, or not known."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from time import monotonic

import pytest

from orchestration.adapters.cosmos import open_store, opening
from orchestration.errors import TemporaryError
from orchestration.paging import all_waiting
from orchestration.ports import (
    Conflict,
    Create,
    Delete,
    ETag,
    NotFound,
    Put,
    Replace,
    Stale,
    Store,
    Write,
)
from tests.clock import FakeClock
from tests.contract.cosmos_world import DATABASE, QUICK
from tests.far.cosmos.account import KEY
from tests.far.cosmos.double import CosmosDouble, cosmos_double, items, reads, writes
from tests.far.faults import Answers, Cut, Dropped, Slow

FOR_NOW = [408, 410, 429, 449, 500, 503]


@pytest.fixture
async def double(clock: FakeClock) -> AsyncIterator[CosmosDouble]:
    async with cosmos_double(clock) as started:
        started.account.make(DATABASE, "c")
        yield started


@pytest.fixture
async def store(double: CosmosDouble, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """The account's regions are looked for, as in Azure: there the SDK has most to repeat."""
    monkeypatch.setattr(opening, "_LOOPBACK", ())
    async with open_store(double.url, DATABASE, KEY, patience=QUICK) as opened:
        await opened.batch("c", "p", [Put("x", {"n": 0})], operation="first")
        double.requests.clear()
        yield opened


async def put(store: Store, write: Write, operation: str = "o") -> ETag | None:
    (etag,) = await store.batch("c", "p", [write], operation=operation)
    return etag


async def present(store: Store) -> object:
    return (await store.get("c", "p", "x")).body["n"]


async def test_a_create_whose_answer_is_lost_is_done_once(
    store: Store, double: CosmosDouble
) -> None:
    double.faults.add(Dropped(), writes)
    etag = await put(store, Create("y", {"n": 1}))
    assert (await store.get("c", "p", "y")).etag == etag
    assert double.requests["batch"] == 2
    with pytest.raises(Conflict):
        await put(store, Create("y", {"n": 2}), "another")


async def test_a_replace_whose_answer_is_lost_is_done_once(
    store: Store, double: CosmosDouble
) -> None:
    before = (await store.get("c", "p", "x")).etag
    double.faults.add(Dropped(), writes, times=2)
    etag = await put(store, Replace("x", {"n": 1}, before))
    found = await store.get("c", "p", "x")
    assert (found.etag, found.body) == (etag, {"n": 1})


async def test_a_batch_whose_answer_is_lost_tells_its_etags(
    store: Store, double: CosmosDouble
) -> None:
    before = (await store.get("c", "p", "x")).etag
    double.faults.add(Dropped(), writes)
    etags = await store.batch(
        "c", "p", [Create("y", {}), Delete("x", before), Put("z", {})], operation="o"
    )
    here = [(await store.get("c", "p", id)).etag for id in "yz"]
    assert etags == (here[0], None, here[1])


async def test_what_another_has_overwritten_meanwhile_is_not_called_stale(
    store: Store, double: CosmosDouble
) -> None:
    """It may have been done: whoever is told that it was not would do it a second time."""
    before = (await store.get("c", "p", "x")).etag
    container = double.account.container(DATABASE, "c").items

    def another_writes() -> None:
        container.keep(container.checked("p", {"id": "x", "p": "p", "b": {"n": 9}, "o": "other"}))

    double.faults.add(Dropped(another_writes), writes)
    with pytest.raises(TemporaryError, match="not known"):
        await put(store, Replace("x", {"n": 1}, before))
    with pytest.raises(Stale):
        await put(store, Replace("x", {"n": 1}, before))


async def test_a_delete_whose_answer_is_lost_is_not_called_missing(
    store: Store, double: CosmosDouble
) -> None:
    double.faults.add(Dropped(), writes)
    with pytest.raises(TemporaryError, match="delete c/p/x: it is not known"):
        await put(store, Delete("x"))
    with pytest.raises(NotFound):
        await put(store, Delete("x"))


async def test_what_never_arrived_is_sent_again(store: Store, double: CosmosDouble) -> None:
    double.faults.add(Cut(), items, times=2)
    await put(store, Create("y", {"n": 1}))
    double.faults.add(Cut(), reads)
    assert await present(store) == 0


@pytest.mark.parametrize(("status", "to_do"), [(401, "SIGNOFF_COSMOS_KEY"), (403, "the role")])
async def test_an_access_that_is_taken_away_may_be_given_again(
    double: CosmosDouble, store: Store, status: int, to_do: str
) -> None:
    """Nothing is given up for it, and it is not asked for every second."""
    double.faults.add(Answers(status), items)
    with pytest.raises(TemporaryError, match=to_do) as told:
        await store.get("c", "p", "x")
    assert told.value.retry_after_s == 60.0
    assert (await store.get("c", "p", "x")).body == {"n": 0}


@pytest.mark.parametrize("status", FOR_NOW)
async def test_what_is_refused_for_now_is_asked_again(
    store: Store, double: CosmosDouble, status: int
) -> None:
    double.faults.add(Answers(status), items, times=3)
    await put(store, Put("x", {"n": 1}))
    assert double.requests["batch"] == 1, "the other three have not reached it"
    double.faults.add(Answers(status), items, times=3)
    assert await present(store) == 1
    double.faults.add(Answers(status), items, times=3)
    assert len((await store.find("c", "p")).documents) == 1
    assert len(double.faults.struck) == 9, "each was sent once an attempt, none by the SDK itself"


def split_all(double: CosmosDouble) -> None:
    """Every physical partition into two, which whoever asks next runs into twice."""
    kept = double.account.container(DATABASE, "c").items
    for one in list(kept.ranges):
        kept.split(one)
    double.faults.add(Answers(410, headers={"x-ms-substatus": "1002"}), items, times=2)


async def test_a_partition_that_was_split_is_found_again(
    store: Store, double: CosmosDouble
) -> None:
    split_all(double)
    assert await present(store) == 0
    split_all(double)
    assert len((await store.find("c", "p")).documents) == 1
    split_all(double)
    await put(store, Put("x", {"n": 1}))
    assert len(double.faults.struck) == 6


async def test_what_lies_in_all_partitions_is_found_though_they_are_split_meanwhile(
    store: Store, double: CosmosDouble
) -> None:
    names = [f"p{n:02}" for n in range(40)]
    for name in names:
        await store.batch("c", name, [Put("y", {}, waits="w")], operation="o")
    everywhere, waiting = await store.everywhere("c", "y", limit=3), await store.waiting("c", "w")
    etags, found = [one.etag for one in everywhere.documents], list(waiting.found)
    assert everywhere.cursor and waiting.cursor
    split_all(double)
    while waiting.cursor:
        waiting = await store.waiting("c", "w", cursor=waiting.cursor, limit=3)
        found += waiting.found
    while everywhere.cursor:
        everywhere = await store.everywhere("c", "y", cursor=everywhere.cursor, limit=3)
        etags += [one.etag for one in everywhere.documents]
    assert sorted(found) == names
    assert len(set(etags)) == len(etags) == len(names)
    split_all(double)
    assert sorted(await all_waiting(store, "c", "w")) == names


@pytest.mark.parametrize("how", ["refused", "silent", "503"])
async def test_a_region_that_is_gone_is_left_for_the_one_that_takes_over(
    double: CosmosDouble, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Long before the five minutes after which the SDK asks again where the account is."""
    monkeypatch.setattr(opening, "_LOOPBACK", ())
    async with (
        cosmos_double(clock, account=double.account) as first,
        cosmos_double(clock, account=double.account) as second,
    ):
        double.account.region = first.url
        async with open_store(double.url, DATABASE, KEY, patience=QUICK) as store:
            await put(store, Put("x", {"n": 0}))
            assert first.requests["batch"] == 1
            double.account.region = second.url
            if how == "refused":
                await first.site.down()
            fault = Slow(30) if how == "silent" else Answers(503)
            first.faults.add(fault, lambda request: True, times=10_000)
            with suppress(TemporaryError):  # what was begun there may be given up
                await put(store, Put("x", {"n": 1}))
            await put(store, Put("x", {"n": 2}), "another")
            assert await present(store) == 2
            assert second.requests["batch"] >= 1
        first.faults.clear()


async def test_it_waits_as_long_as_it_is_asked_to(store: Store, double: CosmosDouble) -> None:
    double.faults.add(Answers(429, headers={"x-ms-retry-after-ms": "120"}), items, times=3)
    began = monotonic()
    await put(store, Put("x", {"n": 1}))
    assert monotonic() - began >= 0.36


async def test_a_storm_that_does_not_end_in_time_is_a_matter_of_time(
    store: Store, double: CosmosDouble
) -> None:
    double.faults.add(Answers(429, headers={"x-ms-retry-after-ms": "200"}), items, times=1000)
    with pytest.raises(TemporaryError, match=r"writing c/p: .* within 1.5 s, status 429") as told:
        await put(store, Put("x", {"n": 1}))
    assert told.value.retry_after_s >= 5
    assert len(double.faults.struck) < 9
    double.faults.clear()
    await put(store, Put("x", {"n": 1}))


async def test_it_does_not_wait_for_what_comes_too_late(store: Store, double: CosmosDouble) -> None:
    double.faults.add(Answers(429, headers={"x-ms-retry-after-ms": "60000"}), items)
    began = monotonic()
    with pytest.raises(TemporaryError) as told:
        await present(store)
    assert told.value.retry_after_s == 60
    assert monotonic() - began < 1.0


async def test_a_slow_answer_is_not_waited_for(store: Store, double: CosmosDouble) -> None:
    double.faults.add(Slow(3), items)
    began = monotonic()
    etag = await put(store, Create("y", {"n": 1}))
    assert monotonic() - began < 2.5
    assert (await store.get("c", "p", "y")).etag == etag


async def test_the_deadline_interrupts(store: Store, double: CosmosDouble) -> None:
    double.faults.add(Slow(1), items, times=1000)
    for call in (present(store), put(store, Put("x", {})), store.waiting("c", "w")):
        began = monotonic()
        with pytest.raises(TemporaryError, match=r"no answer within 0.5 s"):
            await call
        assert monotonic() - began < 2.0


async def test_a_caller_that_goes_away_leaves_the_store_whole(
    store: Store, double: CosmosDouble
) -> None:
    for n in range(30):
        double.faults.add(Slow(1) if n % 2 else Dropped(), writes)
        task = asyncio.create_task(put(store, Create(f"{n}", {}), f"{n}"))
        await asyncio.sleep(0.002 * (n % 5))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    double.faults.clear()
    for n in range(30):
        await put(store, Create(f"{n}", {}), f"{n}")
    assert len((await store.find("c", "p")).documents) == 31


async def test_while_it_is_away_it_is_a_matter_of_time(store: Store, double: CosmosDouble) -> None:
    await double.site.down()
    for call in (present(store), put(store, Create("y", {"n": 1}), "once")):
        with pytest.raises(TemporaryError, match="no answer"):
            await call
    await double.site.up()
    await put(store, Create("y", {"n": 1}), "once")


async def test_a_call_outlasts_a_short_absence(store: Store, double: CosmosDouble) -> None:
    etag, _ = await asyncio.gather(put(store, Create("y", {})), double.away(0.3))
    assert (await store.get("c", "p", "y")).etag == etag


async def test_one_of_many_writers_loses_no_answer(store: Store, double: CosmosDouble) -> None:
    """A counter under lost answers, cuts and throttling: as many as were counted."""

    async def add(name: str) -> None:
        for n in range(10):
            while True:
                found = await store.get("c", "p", "x")
                done = found.body.get(name, 0)
                if done > n:
                    break
                body = {**found.body, "n": found.body["n"] + 1, name: done + 1}
                try:
                    await put(store, Replace("x", body, found.etag), f"{name}-{n}")
                    break
                except (Stale, TemporaryError):
                    continue

    for n in range(40):
        fault = (Dropped(), Cut(), Answers(429), Dropped(), Answers(503))[n % 5]
        double.faults.add(
            fault, lambda request, n=n: writes(request) and double.requests["batch"] >= 2 * n
        )  # type: ignore[misc]
    await asyncio.gather(*(add(f"w{k}") for k in range(4)))
    assert await present(store) == 40
