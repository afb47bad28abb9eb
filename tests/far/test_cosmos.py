"""The double of Cosmos DB: strict where the service is, and a process that can be told to fail."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
import pytest
from azure.cosmos.aio import CosmosClient

from orchestration.adapters.cosmos import open_store
from orchestration.errors import TemporaryError
from orchestration.ports import Create, NotFound, Store
from tests.clock import FakeClock
from tests.contract.cosmos_world import DATABASE, QUICK
from tests.far.cosmos import charges
from tests.far.cosmos.account import KEY, Account
from tests.far.cosmos.batches import Transaction
from tests.far.cosmos.double import cosmos_double
from tests.far.cosmos.items import RANGES, Items, Refused, place_of
from tests.far.cosmos.queries import Query, answer

POLICY = {
    "includedPaths": [{"path": "/waits/?"}],
    "compositeIndexes": [[{"path": "/p"}, {"path": "/id"}]],
}
WAITING = "SELECT VALUE c.p FROM c WHERE c.waits = @what"


@pytest.fixture
def items() -> Items:
    return Items("rid", lambda: FakeClock().now().timestamp())


def asked(text: str, **more: Any) -> Query:
    given: dict[str, Any] = {
        "parameters": {"@what": "w"},
        "partition": None,
        "cross_partition": True,
        "most": 2,
        "continuation": None,
    }
    return Query(text, **(given | more))


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (asked("SELECT * FROM c"), "does not know"),
        (asked(WAITING, cross_partition=False), "has to be asked for"),
        (asked(WAITING, parameters={"@what": 1}), "parameters"),
        (asked(WAITING, parameters={}), "parameters"),
        (asked(WAITING, continuation="x"), "continuation"),
    ],
)
def test_a_query_that_the_service_would_refuse_is_refused(
    items: Items, query: Query, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        answer(items, POLICY, query)


def test_a_query_that_no_index_serves_is_refused(items: Items) -> None:
    with pytest.raises(Refused, match="not indexed"):
        answer(items, {}, asked(WAITING))


def physical(items: Items, partition: str) -> str:
    return items.range_of(place_of(partition, "")[0]).id


def test_all_partitions_are_gone_through_one_physical_one_after_the_other(items: Items) -> None:
    names = [f"p{n}" for n in range(20)]
    for name in names:
        items.keep(items.checked(name, {"id": "x", "p": name, "b": {}, "o": "", "waits": "w"}))
    found, continuation, pages = [], None, 0
    while True:
        page = answer(items, POLICY, asked(WAITING, continuation=continuation))
        here = [json.loads(document) for document in page.documents]
        assert len({physical(items, name) for name in here}) <= 1
        found, pages, continuation = found + here, pages + 1, page.continuation
        if continuation is None:
            break
    assert sorted(found) == sorted(names)
    assert len({physical(items, name) for name in names}) == RANGES
    assert pages > RANGES


@pytest.mark.parametrize(
    "item",
    [
        {"id": "a/b", "p": "p"},
        {"id": "a", "p": "q"},
        {"id": "a", "p": "p", "ttl": 0},
        {"id": "a", "p": "p", "ttl": 1.5},
        {"id": "a", "p": "p", "b": "x" * 2**21},
    ],
)
def test_an_item_that_the_service_would_refuse_is_refused(items: Items, item: Any) -> None:
    with pytest.raises(Refused):
        items.checked("p", item)


def test_a_batch_is_undone_as_a_whole(items: Items) -> None:
    items.keep(items.checked("p", {"id": "x", "p": "p", "b": 1}))
    before = list(items.all())
    status, done = Transaction(items, "p", 2).run(
        [
            {"operationType": "Upsert", "resourceBody": {"id": "x", "p": "p", "b": 2}},
            {"operationType": "Create", "resourceBody": {"id": "y", "p": "p"}},
            {"operationType": "Delete", "id": "x"},
            {"operationType": "Create", "resourceBody": {"id": "y", "p": "p"}},
        ]
    )
    assert (status, [one.status for one in done]) == (207, [424, 424, 424, 409])
    assert list(items.all()) == before


def test_a_charge_follows_the_table() -> None:
    read = [round(charges.read(kb * 1024), 2) for kb in (0, 1, 3, 64)]
    assert read == [1.0, 1.0, 1.09, 4.76]
    assert round(charges.insert(1024, 0), 2) == 4.95
    assert charges.replace(2048, 1) == 2 * charges.insert(2048, 1)


async def test_a_forged_signature_is_refused() -> None:
    account = Account(lambda: 0.0)
    with pytest.raises(Refused, match="signature"):
        account.check("GET", "dbs/x", {"x-ms-date": "now"}, "type=master&ver=1.0&sig=AAAA")
    with pytest.raises(Refused, match="date"):
        account.check("GET", "dbs/x", {}, "type=master&ver=1.0&sig=AAAA")


@asynccontextmanager
async def process(*options: object) -> AsyncIterator[str]:
    """The address of a double of its own; it is asked to end."""
    command = [sys.executable, "-m", "tests.far.cosmos", *map(str, options)]
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert child.stdout
    try:
        told = json.loads(await child.stdout.readline())
        assert told["key"] == KEY
        yield told["url"]
    finally:
        child.send_signal(signal.SIGTERM)
        assert await child.wait() == 0


async def test_a_process_keeps_what_it_has_when_it_ends(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with process("--data", data, "c") as url, open_store(url, DATABASE, KEY) as store:
        (etag,) = await store.batch("c", "p", [Create("x", {"n": 1}, 60)], operation="o")
    async with process("--data", data) as url, open_store(url, DATABASE, KEY) as store:
        found = await store.get("c", "p", "x")
        assert (found.etag, found.body) == (etag, {"n": 1})
        (other,) = await store.batch("c", "p", [Create("y", {})], operation="o2")
        assert other != etag


async def test_a_process_fails_as_it_is_told(tmp_path: Path) -> None:
    async with (
        process("c") as url,
        aiohttp.ClientSession(f"{url}_control/") as http,
        open_store(url, DATABASE, KEY, patience=QUICK) as store,
    ):
        await store.batch("c", "p", [Create("x", {}, 60)], operation="o")
        faults = [
            {"fault": "answers", "status": 429, "retry_after_ms": 1, "on": "reads", "times": 2},
            {"fault": "dropped", "on": "writes"},
            {"fault": "cut"},
        ]
        for fault in faults:
            assert (await http.post("faults", json=fault)).status == 200
        await store.batch("c", "p", [Create("y", {})], operation="o2")
        await store.get("c", "p", "y")
        told = await (await http.get("")).json()
        assert told["struck"] == 4
        assert told["charged"]["batch"] > 10
        assert (await http.post("faults", json={"fault": "none"})).status == 400
        await http.post("clock", json={"seconds": 100})
        with pytest.raises(NotFound):
            await store.get("c", "p", "x")
        await http.post("away", json={"seconds": 0.3})
        with pytest.raises(aiohttp.ClientError):
            while True:
                await http.get("")
        await store.get("c", "p", "y")
        await http.post("faults", json={"fault": "slow", "seconds": 1, "times": 100})
        with pytest.raises(TemporaryError):
            await store.get("c", "p", "y")
        await http.delete("faults")
        await store.get("c", "p", "y")


async def test_a_process_is_slow_for_a_while(tmp_path: Path) -> None:
    async with (
        process("c") as url,
        aiohttp.ClientSession(f"{url}_control/") as http,
        open_store(url, DATABASE, KEY) as store,
    ):
        await store.batch("c", "p", [Create("x", {})], operation="o")
        assert (await http.post("slow", json={"seconds": 0.2, "for_s": 0.1})).status == 200
        took = [await _taken_s(store) for _ in range(2)]
        assert took[0] >= 0.2 > took[1]


async def _taken_s(store: Store) -> float:
    began = monotonic()
    await store.get("c", "p", "x")
    return monotonic() - began


async def test_the_sdk_learns_of_a_split_from_the_feed_of_partitions() -> None:
    """It asks on until it is told that nothing has changed."""
    async with cosmos_double(FakeClock()) as double:
        double.account.make(DATABASE, "c")
        kept = double.account.container(DATABASE, "c").items
        async with CosmosClient(double.url, KEY, enable_endpoint_discovery=False) as client:
            container = client.get_database_client(DATABASE).get_container_client("c")
            provider = client.client_connection._routing_map_provider
            learned = partial(provider.get_routing_map, container.container_link, {})
            before = await learned()
            assert _ids(before) == ["0", "1", "2", "3"]
            kept.split(kept.ranges[1])
            assert await learned() is before
            after = await learned(force_refresh=True, previous_routing_map=before)
            assert _ids(after) == ["0", "4", "5", "2", "3"]
            assert len([one async for one in container.read_feed_ranges()]) == RANGES + 1


def _ids(routing_map: Any) -> list[str]:
    return [one["id"] for one in routing_map._orderedPartitionKeyRanges]
