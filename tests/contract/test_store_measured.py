"""A measured store keeps every promise, and tells what was asked of it."""

import pytest

from orchestration.adapters.measured_store import MeasuredStore
from orchestration.errors import TemporaryError
from orchestration.ports import NotFound, Put, Store
from tests.contract.store_contract import StoreContract
from tests.doubles.flaky import FlakyStore
from tests.doubles.meters import Meters

CALLS = "db_client_operation_duration_seconds_count"


class TestMeasuredStore(StoreContract):
    @pytest.fixture
    def store(self, store: Store) -> Store:
        return MeasuredStore(store)


async def test_a_call_is_told_by_container_operation_and_outcome(store: Store) -> None:
    meters, flaky = Meters(), FlakyStore(store)
    measured = MeasuredStore(flaky)
    await measured.batch("threads", "p", [Put("a", {})], operation="1")
    await measured.find("threads", "p")
    with pytest.raises(NotFound):
        await measured.get("threads", "p", "b")
    flaky.fails_at = "a"
    with pytest.raises(TemporaryError):
        await measured.batch("threads", "p", [Put("a", {})], operation="2")
    told = {"db_collection_name": "threads"}
    assert meters(CALLS, **told, db_operation_name="batch", outcome="ok") == 1
    assert meters(CALLS, **told, db_operation_name="batch", outcome="temporary") == 1
    assert meters(CALLS, **told, db_operation_name="find", outcome="ok") == 1
    assert meters(CALLS, **told, db_operation_name="get", outcome="notfound") == 1
