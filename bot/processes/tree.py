"""What runs beside the chat when everything is embedded: the folder's lock, an engine, a worker."""

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

_TO_TELL_S = 10.0
"""For what is left to be written once Terraform has stopped."""


@dataclass(frozen=True, slots=True)
class ProcessTree:
    """Without children when the engine is somebody else's: workers run wherever they are put."""

    engine_address: str
    engine: Supervised | None = None
    worker: Supervised | None = None


@asynccontextmanager
async def process_tree(settings: Settings) -> AsyncIterator[ProcessTree]:
    """The running tree; stopped in reverse order when left.

    Raises: StoreInUse, UserError - no engine binary; PermanentError - a child does not start.
    """
    if settings.engine == "address":
        yield ProcessTree(settings.engine_address)
        return
    async with AsyncExitStack() as stack:
        stack.enter_context(locked(settings.store))
        server = await stack.enter_async_context(temporal_server(settings.store))
        child = _worker(settings, server.address)
        worker = await stack.enter_async_context(Supervised(child))
        yield ProcessTree(server.address, server.process, worker)


def _worker(settings: Settings, engine_address: str) -> Child:
    """`signoff work`, told where the store and the engine are, and given the time to drain."""
    store = settings.store
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
        stop_within_s=settings.drain_s + settings.cancel_grace_s + _TO_TELL_S,
    )
