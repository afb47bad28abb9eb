"""What the chat and the worker both need, built from the settings and closed when left."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from bot.settings import Settings
from capabilities.capability import Catalogue
from capabilities.registry import catalogue
from orchestration.adapters.directory_file import FileDirectory, open_directory
from orchestration.adapters.folder import open_folder
from orchestration.adapters.prices.live import LivePrices
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.adapters.sqlite import open_store
from orchestration.ports import ArtifactStore, Clock, Directory, PriceSource, Store

_SANDBOX_PEOPLE = Path(__file__).parent / "sandbox-directory.toml"


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Parts:
    clock: Clock
    store: Store
    artifacts: ArtifactStore
    directory: Directory
    prices: PriceSource
    catalogue: Catalogue


def directory(settings: Settings) -> FileDirectory:
    """Who exists: the file of the settings, else the people of the sandbox.

    Raises: PermanentError - the file cannot be used.
    """
    return open_directory(settings.directory_file or _SANDBOX_PEOPLE)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Parts]:
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        yield Parts(
            clock=clock,
            store=await stack.enter_async_context(open_store(settings.store / "store.db", clock)),
            artifacts=await stack.enter_async_context(
                open_folder(settings.store / "artifacts", clock)
            ),
            directory=directory(settings),
            prices=await _prices(settings, clock, stack),
            catalogue=catalogue(),
        )


async def _prices(settings: Settings, clock: Clock, stack: AsyncExitStack) -> PriceSource:
    snapshot = SnapshotPrices.load()
    if not settings.prices_live:
        return snapshot
    session = await stack.enter_async_context(aiohttp.ClientSession())
    return LivePrices(
        session,
        snapshot,
        today=lambda: clock.now().date(),
        monotonic_s=time.monotonic,
        timeout_s=settings.prices_timeout_s,
    )
