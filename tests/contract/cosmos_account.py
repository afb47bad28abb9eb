"""Where the contract of Cosmos DB runs: the double, or what `SIGNOFF_TEST_COSMOS` names.

There each test gets containers of its own, in a database that is made for the run and removed after
it. `SIGNOFF_TEST_COSMOS_KEY` is the account's key, since an identity may not make containers. Every
call is noted, one JSON object a line, in the file that `SIGNOFF_TEST_COSMOS_CHARGES` names.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from azure.cosmos import PartitionKey
from azure.cosmos.aio import CosmosClient

from orchestration.adapters.cosmos import Call, CosmosStore, open_store
from tests.clock import FakeClock
from tests.contract.cosmos_world import DATABASE
from tests.far.cosmos.account import AS_TERRAFORM_MAKES_IT, KEY
from tests.far.cosmos.double import cosmos_double

URL = os.environ.get("SIGNOFF_TEST_COSMOS", "")
_LEAST_RU_S = 400


class RealClock(FakeClock):
    """The machine's; a test that has to move it cannot run on a real account."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        pytest.skip("the clock of a real account cannot be moved")


@dataclass(frozen=True, slots=True)
class Place:
    """An account and a database in it."""

    url: str
    key: str
    database: str

    def opened(self, calls: list[Call]) -> AbstractAsyncContextManager[CosmosStore]:
        return open_store(self.url, self.database, self.key, on_call=calls.append)


@contextmanager
def made_for_the_run() -> Iterator[Place | None]:
    """A database of a real account, gone after the run; None where it is the double."""
    if not URL:
        yield None
        return
    place = Place(URL, os.environ["SIGNOFF_TEST_COSMOS_KEY"], f"signoff-test-{uuid4().hex[:8]}")
    asyncio.run(_with_client(place, _make_database))
    try:
        yield place
    finally:
        asyncio.run(_with_client(place, _remove_database))


@asynccontextmanager
async def containers(real: Place | None, clock: FakeClock, *names: str) -> AsyncIterator[Place]:
    """A place with new containers of these names."""
    if real is None:
        async with cosmos_double(clock) as double:
            double.account.make(DATABASE, *names)
            yield Place(double.url, KEY, DATABASE)
        return
    async with _client(real) as client:
        database = client.get_database_client(real.database)
        for name in names:
            await database.create_container(
                name,
                PartitionKey("/p"),
                indexing_policy=dict(AS_TERRAFORM_MAKES_IT["indexingPolicy"]),
                default_ttl=-1,
            )
        try:
            yield real
        finally:
            for name in names:
                await database.delete_container(name)


def note(calls: list[Call]) -> None:
    path = os.environ.get("SIGNOFF_TEST_COSMOS_CHARGES")
    if URL and path:
        test = os.environ.get("PYTEST_CURRENT_TEST", "")
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps({"test": test, **asdict(call)}) + "\n" for call in calls)


def _client(place: Place) -> CosmosClient:
    local = "127.0.0.1" in place.url
    return CosmosClient(place.url, place.key, enable_endpoint_discovery=not local)


async def _with_client(place: Place, work: Any) -> None:
    async with _client(place) as client:
        await work(client, place.database)


async def _make_database(client: CosmosClient, name: str) -> None:
    await client.create_database(name, offer_throughput=_LEAST_RU_S)


async def _remove_database(client: CosmosClient, name: str) -> None:
    await client.delete_database(name)
