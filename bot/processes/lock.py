"""One Signoff per store folder."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.store_folder import using
from orchestration.errors import UserError

LOCK_FILE = "lock"


class StoreInUse(UserError):
    def __init__(self, store: Path, pid: str) -> None:
        super().__init__(
            f"Signoff is already running on {store} (process {pid or 'unknown'}). "
            "Go on there, stop it first, or choose another folder with --store DIR."
        )
        self.pid = pid


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Hold the folder, which is made if need be. The kernel lets go of it however we end.

    Raises: StoreInUse - another process holds it; UserError - it cannot be written.
    """
    file = _opened(store)
    try:
        _hold(file, store)
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(file)


def holder(store: Path) -> str | None:
    """The process id that holds the folder, None if nobody does."""
    try:
        with locked(store):
            return None
    except StoreInUse as error:
        return error.pid


def _opened(store: Path) -> int:
    with using(store):
        store.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(store / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _hold(file: int, store: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise UserError(f"The store folder {store} cannot be locked: {error}.") from error
        raise StoreInUse(store, os.pread(file, 20, 0).decode().strip()) from None
