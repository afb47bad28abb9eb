"""Where plans, files and logs are kept and which keys seal them, as the settings choose.

Azure's SDKs are imported when they are used: they take longer than all the rest of a start.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings import Settings
from orchestration.adapters.envelope import MasterKeys
from orchestration.adapters.folder import open_folder
from orchestration.adapters.key_file import KeyFile, made_if_missing, read_keys
from orchestration.ports import ArtifactStore, Clock

if TYPE_CHECKING:
    from orchestration.adapters.azure.identity import Identity


@asynccontextmanager
async def open_artifacts(settings: Settings, clock: Clock) -> AsyncIterator[ArtifactStore]:
    """Raises: PermanentError - the folder, the key file or the key's address cannot be used."""
    async with AsyncExitStack() as stack:
        keys = await _keys(settings, clock, stack)
        if settings.artifacts == "folder":
            folder = settings.store / "artifacts"
            yield await stack.enter_async_context(open_folder(folder, keys, clock))
            return
        from orchestration.adapters.azure.blob import open_blobs

        shown = settings.blob_account_key or await _identity(settings, stack)
        yield await stack.enter_async_context(
            open_blobs(settings.blob_url, settings.blob_container, shown, keys, clock)
        )


async def _keys(settings: Settings, clock: Clock, stack: AsyncExitStack) -> MasterKeys:
    if not settings.artifact_key_url:
        return file_keys(settings)
    from orchestration.adapters.azure.key_vault import open_vault_keys

    identity = await _identity(settings, stack)
    return await stack.enter_async_context(
        open_vault_keys(settings.artifact_key_url, identity, clock)
    )


async def _identity(settings: Settings, stack: AsyncExitStack) -> "Identity":
    from orchestration.adapters.azure.identity import open_identity

    return await stack.enter_async_context(
        open_identity(settings.azure_identity, settings.azure_client_id)
    )


def key_file(settings: Settings) -> Path:
    return settings.artifact_key_file or settings.store / "artifacts" / "master.key"


def file_keys(settings: Settings) -> KeyFile:
    """A file that is named has to be there, or each process would make another one.

    Raises: PermanentError.
    """
    path = key_file(settings)
    if settings.artifact_key_file is None:
        return made_if_missing(path)
    read_keys(path)
    return KeyFile(path)
