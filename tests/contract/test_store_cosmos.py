"""The contract on Cosmos DB: the real SDK against the strict double."""

from collections.abc import AsyncIterator

import pytest

from orchestration.adapters.cosmos import open_store
from orchestration.ports import Store
from tests.clock import FakeClock
from tests.contract.store_contract import StoreContract
from tests.far.cosmos.account import KEY
from tests.far.cosmos.double import CosmosDouble, cosmos_double


@pytest.fixture
async def double(clock: FakeClock) -> AsyncIterator[CosmosDouble]:
    async with cosmos_double(clock) as started:
        started.account.make("signoff", "c", "d")
        yield started


@pytest.fixture
async def store(double: CosmosDouble) -> AsyncIterator[Store]:
    async with open_store(double.url, "signoff", KEY) as opened:
        yield opened


class TestCosmosStore(StoreContract):
    pass
