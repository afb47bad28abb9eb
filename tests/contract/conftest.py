from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.doctor.cosmos import CONTAINERS
from orchestration.adapters.cosmos import open_store as open_cosmos
from orchestration.adapters.sqlite import open_store
from orchestration.ports import Store
from tests.clock import FakeClock
from tests.doubles.house import House, house, house_over
from tests.far.cosmos.account import KEY
from tests.far.cosmos.double import cosmos_double


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "store.db", clock) as opened:
        yield opened


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "cosmos"])
async def home_on_each_store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[House]:
    if request.param == "sqlite":
        async with open_store(tmp_path / "store.db", clock) as opened:
            yield house_over(opened, tmp_path, clock)
        return
    async with cosmos_double(clock) as double:
        double.account.make("signoff", *CONTAINERS)
        async with open_cosmos(double.url, "signoff", KEY) as opened:
            yield house_over(opened, tmp_path, clock)
