"""`signoff backup DIR`: a copy of the store folder that can be started, made while it is in use.

First the store, as of one moment; what it names (plans, files, Terraform's state) is copied after
it and so is at least as new, and the keys that were made here with it. What can be made again is
left out: working folders, the engine's timers (the reconciler starts what is open), logs, cards
that were drawn.
"""

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from bot.settings import Settings
from bot.stores import found_file
from orchestration.adapters.sqlite import copied
from orchestration.errors import UserError

_FOLDERS = ("artifacts", "state", "sandbox")


async def backup(settings: Settings, to: Path, out: TextIO) -> int:
    """Raises: UserError - there is nothing to copy, or it cannot be copied there."""
    if settings.cosmos_url:
        why = "the store is Cosmos DB, which keeps its own backup: docs/runbooks/restore.md"
        raise UserError(why)
    await asyncio.to_thread(_copy, found_file(settings), to)
    out.write(f"{settings.store} was copied to {to}\n")
    return 0


def _copy(file: Path, to: Path) -> None:
    store = file.parent
    _make(to, store)
    copied(file, to / file.name)
    for key in store.glob("*.key"):
        shutil.copy2(key, to)
    for name in _FOLDERS:
        if (store / name).exists():
            shutil.copytree(
                store / name, to / name, symlinks=True, copy_function=_kept, ignore=_locks
            )


def _make(to: Path, store: Path) -> None:
    """Raises: UserError - it is there already, cannot be made, or would be part of the store."""
    if to.resolve().is_relative_to(store.resolve()):
        raise UserError(f"{str(to)!r} is in the store folder itself; name one outside of it")
    try:
        to.mkdir(parents=True, mode=0o700)
    except FileExistsError as error:
        raise UserError(f"{str(to)!r} is there already; name a folder that is not") from error
    except OSError as error:
        why = error.strerror or error
        raise UserError(f"{str(to)!r} cannot be made: {why}; name another folder") from error


def _kept(file: str, to: str) -> None:
    """What is gone meanwhile had expired, or was a file in the making."""
    with suppress(FileNotFoundError):
        shutil.copy2(file, to)


def _locks(_: str, names: list[str]) -> set[str]:
    return {name for name in names if name.endswith(".lock.info")}
