from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestration.adapters.sqlite import open_store
from orchestration.ports import Store
from tests.clock import FakeClock
from tests.doubles.house import House, house


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
