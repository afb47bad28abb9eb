"""Everything that runs beside the chat: the store folder's lock, the engine and a worker."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import bot
from bot.processes.lock import locked
from bot.processes.supervised import Child, Supervised
from bot.processes.temporal_server import temporal_server
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class ProcessTree:
    engine_address: str
    engine: Supervised | None
    """None when the engine is somebody else's."""
    worker: Supervised


@asynccontextmanager
async def process_tree(settings: Settings) -> AsyncIterator[ProcessTree]:
    """The running tree; stopped in reverse order when left.

    Raises: StoreInUse, UserError - no engine binary; PermanentError - a child does not start.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(locked(settings.store))
        engine, address = None, settings.engine_address
        if settings.engine == "embedded":
            server = await stack.enter_async_context(temporal_server(settings.store))
            engine, address = server.process, server.address
        worker = await stack.enter_async_context(Supervised(_worker(settings.store, address)))
        yield ProcessTree(address, engine, worker)


def _worker(store: Path, engine_address: str) -> Child:
    """`signoff work`, told where the store and the engine are."""
    return Child(
        name="worker",
        command=(sys.executable, "-m", "bot.cli", "work"),
        log_file=store / "worker.log",
        environment={
            "PYTHONPATH": str(Path(bot.__file__).parents[1]),
            "SIGNOFF_STORE": str(store.resolve()),
            "SIGNOFF_ENGINE": "address",
            "SIGNOFF_ENGINE_ADDRESS": engine_address,
        },
    )
