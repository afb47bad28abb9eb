"""Where everything but artifacts is kept, as the settings choose.

Azure's SDKs are imported when they are used: they take longer than all the rest of a start.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings import Settings
from bot.store_folder import using
from orchestration.adapters.sqlite import open_store
from orchestration.errors import UserError
from orchestration.measures import store_charged
from orchestration.ports import Clock, Store

if TYPE_CHECKING:
    from orchestration.adapters.azure.identity import Identity
    from orchestration.adapters.cosmos import Call


@dataclass(frozen=True, slots=True)
class Looking:
    """How often a process looks for what it was told, and everywhere for what others have left."""

    listen_s: float
    sweep_s: float


def looking(settings: Settings) -> Looking:
    """Each look at Cosmos DB is charged, by every replica and all day."""
    return Looking(1.0, 30.0) if settings.cosmos_url else Looking(0.1, 10.0)


@asynccontextmanager
async def opened_store(settings: Settings, clock: Clock) -> AsyncIterator[Store]:
    """Cosmos DB if it is set, else a file in the store folder.

    Raises: PermanentError - it cannot be used; TemporaryError - it does not answer.
    """
    if not settings.cosmos_url:
        async with open_store(_file(settings), clock) as embedded:
            yield embedded
        return
    from orchestration.adapters.cosmos import open_store as open_cosmos

    async with AsyncExitStack() as stack:
        shown = settings.cosmos_key or await _identity(settings, stack)
        yield await stack.enter_async_context(
            open_cosmos(settings.cosmos_url, settings.cosmos_database, shown, on_call=_charged)
        )


def found_file(settings: Settings) -> Path:
    """The embedded store. Raises: UserError - there is none, or its folder cannot be used."""
    file = _file(settings)
    with using(settings.store):
        try:
            file.stat()
        except FileNotFoundError as error:
            why = f"there is no store in {str(settings.store)!r}; name its folder with --store DIR"
            raise UserError(why) from error
    return file


def _file(settings: Settings) -> Path:
    return settings.store / "store.db"


async def _identity(settings: Settings, stack: AsyncExitStack) -> "Identity":
    from orchestration.adapters.azure.identity import open_identity

    return await stack.enter_async_context(
        open_identity(settings.azure_identity, settings.azure_client_id)
    )


def _charged(call: "Call") -> None:
    store_charged(call.container, call.kind, call.charge)
