"""The change feed of Cosmos DB's double, as the SDK reads it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain
from typing import Any

import pytest
from azure.cosmos.aio import ContainerProxy, CosmosClient
from azure.cosmos.exceptions import CosmosBatchOperationError, CosmosHttpResponseError
from azure.cosmos.partition_key import PartitionKey

from tests.clock import FakeClock
from tests.contract.cosmos_world import DATABASE
from tests.far.cosmos import charges, hashes
from tests.far.cosmos.account import KEY, Account
from tests.far.cosmos.double import CosmosDouble, cosmos_double, reads
from tests.far.cosmos.items import RANGES, Items
from tests.far.faults import Answers, Cut, Dropped, Fault

Page = list[dict[str, Any]]
NAMES = [f"p{n}" for n in range(12)]
"""Partitions that lie in all physical ones."""


class World:
    """A container, and who reads its feed: on from where the last reading ended."""

    def __init__(self, double: CosmosDouble, clock: FakeClock, container: ContainerProxy) -> None:
        self.double, self.clock, self.container = double, clock, container
        self.continuation: str | None = None
        self.answers: list[int] = []
        double.faults.done = lambda _, answer, __: self.answers.append(answer.status)

    @property
    def items(self) -> Items:
        return self.double.account.container(DATABASE, "c").items

    async def writes(self, *ids: str, partition: str = "p", **more: Any) -> None:
        """In one transaction."""
        bodies: Any = [("upsert", ({"id": id, "p": partition, **more},)) for id in ids]
        await self.container.execute_item_batch(bodies, partition)

    async def deletes(self, id: str, partition: str = "p") -> None:
        await self.container.execute_item_batch([("delete", (id,))], partition)

    async def pages(self, **asked: Any) -> list[Page]:
        if self.continuation:
            asked = {"continuation": self.continuation}
        pages = self.container.query_items_change_feed(**asked).by_page()
        found = [[item async for item in page] async for page in pages]
        self.continuation = self.container.client_connection.last_response_headers["etag"]
        return found

    async def reads(self, **asked: Any) -> list[str]:
        return [item["id"] for page in await self.pages(**asked) for item in page]

    async def reads_on(self) -> list[str]:
        assert self.continuation
        return await self.reads()


@asynccontextmanager
async def client_of(double: CosmosDouble, **more: Any) -> AsyncIterator[ContainerProxy]:
    async with CosmosClient(double.url, KEY, enable_endpoint_discovery=False, **more) as client:
        yield client.get_database_client(DATABASE).get_container_client("c")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = FakeClock()
    async with cosmos_double(clock) as double:
        double.account.make(DATABASE, "c")
        async with client_of(double) as container:
            yield World(double, clock, container)


async def test_from_the_beginning_each_is_seen_once_in_the_order_of_its_last_change(
    world: World,
) -> None:
    for id in ("a", "b", "c"):
        await world.writes(id, n=1)
    await world.writes("a", n=2)
    (page,) = await world.pages(start_time="Beginning", partition_key="p")
    assert [(item["id"], item["n"]) for item in page] == [("b", 1), ("c", 1), ("a", 2)]
    assert [item["_lsn"] for item in page] == sorted({item["_lsn"] for item in page})


async def test_from_now_on_only_what_comes_is_seen(world: World) -> None:
    await world.writes("a")
    assert await world.reads(start_time="Now", partition_key="p") == []
    await world.writes("b")
    assert await world.reads_on() == ["b"]


async def test_from_a_time_on_only_what_was_written_after_it_is_seen(world: World) -> None:
    await world.writes("a")
    since = world.clock.now()
    world.clock.advance(2)
    await world.writes("b")
    assert await world.reads(start_time=since, partition_key="p") == ["b"]


async def test_a_continuation_gives_what_is_new_and_nothing_twice(world: World) -> None:
    await world.writes("a", "b")
    assert await world.reads(start_time="Beginning", partition_key="p") == ["a", "b"]
    assert await world.reads_on() == []
    await world.writes("a")
    await world.writes("c")
    assert await world.reads_on() == ["a", "c"]
    assert await world.reads_on() == []


async def test_a_page_has_the_whole_of_a_transaction(world: World) -> None:
    await world.writes("a")
    await world.writes("b", "c", "d")
    await world.writes("e")
    asked = {"start_time": "Beginning", "partition_key": "p", "max_item_count": 2}
    pages = await world.pages(**asked)
    assert [[item["id"] for item in page] for page in pages] == [["a", "b", "c", "d"], ["e"]]
    assert len({item["_lsn"] for item in pages[0][1:]}) == 1


async def test_what_was_deleted_or_has_expired_is_not_seen(world: World) -> None:
    await world.writes("a")
    await world.writes("b", ttl=60)
    await world.writes("c")
    await world.deletes("a")
    world.clock.advance(61)
    assert await world.reads(start_time="Beginning", partition_key="p") == ["c"]


async def test_a_transaction_that_was_undone_is_not_seen(world: World) -> None:
    await world.writes("a", "b")
    assert await world.reads(start_time="Beginning", partition_key="p") == ["a", "b"]
    with pytest.raises(CosmosBatchOperationError):
        await world.container.execute_item_batch(
            [("upsert", ({"id": "a", "p": "p"},)), ("delete", ("b",)), ("delete", ("none",))], "p"
        )
    assert await world.reads_on() == []


async def test_all_physical_partitions_are_read_and_each_can_be_by_itself(world: World) -> None:
    for name in NAMES:
        await world.writes(name, partition=name)
    whole = await world.reads(start_time="Beginning")
    assert sorted(whole) == sorted(NAMES)
    parts = []
    async for range_ in world.container.read_feed_ranges():
        world.continuation = None
        parts.append(await world.reads(start_time="Beginning", feed_range=range_))
    assert len(parts) == RANGES
    assert all(parts)
    assert sorted(chain(*parts)) == sorted(NAMES)


async def test_one_partition_key_is_read_by_itself(world: World) -> None:
    for name in NAMES:
        await world.writes(name, partition=name)
    assert await world.reads(start_time="Beginning", partition_key="p3") == ["p3"]


@pytest.mark.parametrize("scope", [{}, {"partition_key": "p3"}])
async def test_nothing_is_lost_or_seen_twice_over_a_split(
    world: World, scope: dict[str, Any]
) -> None:
    mine = [name for name in NAMES if not scope or name == "p3"]
    for name in NAMES:
        await world.writes(name, partition=name)
    assert sorted(await world.reads(start_time="Beginning", **scope)) == sorted(mine)
    for range_ in list(world.items.ranges):
        world.items.split(range_)
    for name in NAMES:
        await world.writes(f"{name}-later", partition=name)
    assert 410 not in world.answers
    assert sorted(await world.reads_on()) == sorted(f"{name}-later" for name in mine)
    assert 410 in world.answers
    assert await world.reads_on() == []


@pytest.mark.parametrize(
    "fault",
    [Answers(429, headers={"x-ms-retry-after-ms": "1"}), Dropped(), Cut()],
    ids=["429", "dropped", "cut"],
)
async def test_the_sdk_asks_again_and_nothing_is_lost_or_seen_twice(
    world: World, fault: Fault
) -> None:
    await world.writes("a")
    assert await world.reads(start_time="Beginning", partition_key="p") == ["a"]
    await world.writes("b")
    world.double.faults.add(fault, reads)
    assert await world.reads_on() == ["b"]
    assert world.double.faults.struck == [fault]
    assert await world.reads_on() == []


async def test_what_is_not_asked_again_leaves_the_continuation_good(world: World) -> None:
    await world.writes("a")
    assert await world.reads(start_time="Beginning", partition_key="p") == ["a"]
    await world.writes("b")
    world.double.faults.add(Answers(503), reads)
    with pytest.raises(CosmosHttpResponseError):
        await world.reads_on()
    assert await world.reads_on() == ["b"]


async def test_an_lsn_by_itself_is_a_continuation(world: World) -> None:
    await world.writes("a", "b")
    ((_, b),) = await world.pages(start_time="Beginning", partition_key="p")
    await world.writes("c")
    asked = {"partition_key": "p", "continuation": str(b["_lsn"])}
    found = [item async for item in world.container.query_items_change_feed(**asked)]
    assert [item["id"] for item in found] == ["c"]


async def test_a_continuation_is_good_after_the_process_was_begun_again(world: World) -> None:
    await world.writes("a", "b")
    await world.writes("c")
    assert await world.reads(start_time="Beginning", partition_key="p") == ["a", "b", "c"]
    await world.deletes("c")
    account = Account(world.double.account.now)
    for line in world.double.account.kept():
        account.put_back(line)
    async with (
        cosmos_double(world.clock, account=account) as double,
        client_of(double) as container,
    ):
        after = World(double, world.clock, container)
        after.continuation = world.continuation
        assert await after.reads_on() == []
        await after.writes("d")
        assert await after.reads_on() == ["d"]


async def test_it_is_charged_as_a_query_and_what_brings_nothing_as_a_miss(world: World) -> None:
    await world.writes("a")
    await world.reads(start_time="Beginning", partition_key="p")
    size = next(world.items.all()).size
    expected = 2 * (charges.query([size]) + charges.MISSED)
    assert world.double.charged["feed"] == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"mode": "AllVersionsAndDeletes"}, "Full-Fidelity"),
        ({"continuation": "9", "partition_key": "p"}, "not to 9 yet"),
        ({"continuation": "0"}, "of a physical partition"),
    ],
)
async def test_what_the_double_does_not_give_is_refused_in_words(
    world: World, asked: dict[str, Any], why: str
) -> None:
    await world.writes("a")
    with pytest.raises(CosmosHttpResponseError, match=why):
        await world.reads(**asked)


async def test_at_a_weaker_consistency_it_is_refused(world: World) -> None:
    async with client_of(world.double, consistency_level="Eventual") as container:
        with pytest.raises(CosmosHttpResponseError, match="the account's own"):
            await World(world.double, world.clock, container).reads(start_time="Beginning")


async def test_a_list_of_all_items_is_refused(world: World) -> None:
    with pytest.raises(CosmosHttpResponseError, match="incremental feed only"):
        _ = [item async for item in world.container.read_all_items()]


@pytest.mark.parametrize("length", [0, 1, 14, 15, 30, 100])
def test_a_partition_lies_where_the_sdk_looks_for_it(length: int) -> None:
    name = "é" * length
    range_ = PartitionKey("/p")._get_epk_range_for_partition_key(name)
    assert f"{hashes.effective(name):032X}" == range_.min
