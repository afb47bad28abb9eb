"""`ports.ArtifactStore` in a folder: `<folder>/files/a/b/c`, sealed, beside `<folder>/master.key`.

A file's modification time is when it expires, in the far future if it never does. A new file is
linked into place once it is whole and on the disk, so a name has its content or nothing.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG

from orchestration.adapters.sealing import Sealer, master_key, sync_folder, write_durably
from orchestration.errors import PermanentError, TemporaryError
from orchestration.ports import Clock, Conflict, NotFound

NEVER = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
MAX_NAME_CHARACTERS = 512
_NAME = re.compile(
    r"[A-Za-z0-9_-][A-Za-z0-9._@:+-]{0,199}(/[A-Za-z0-9_-][A-Za-z0-9._@:+-]{0,199})*"
)
_UNFINISHED = ".new-"
_UNFINISHED_S = 3600.0
"""After that long, whoever was writing it has died."""


class FolderArtifacts:
    """Every call works on a thread; names are checked before they become paths."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._files = folder / "files"
        self._files.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sealer = Sealer(master_key(folder / "master.key"))
        self._clock = clock

    async def put(self, name: str, content: bytes, *, ttl_s: int | None = None) -> None:
        now = self._clock.now().timestamp()
        expires = NEVER if ttl_s is None else now + ttl_s
        await asyncio.to_thread(self._put, name, content, expires, now)

    async def get(self, name: str) -> bytes:
        return await asyncio.to_thread(self._get, name, self._clock.now().timestamp())

    async def sweep(self) -> int:
        """Remove what has expired, and what a crash left unfinished; how many files that were."""
        return await asyncio.to_thread(self._sweep, self._clock.now().timestamp())

    def _path(self, name: str) -> Path:
        if len(name) > MAX_NAME_CHARACTERS or not _NAME.fullmatch(name):
            raise PermanentError(f"not a name for an artifact: {name!r}; use a/b/c")
        return self._files / name

    def _put(self, name: str, content: bytes, expires: float, now: float) -> None:
        path = self._path(name)
        try:
            _drop_expired(path, now)
            if not self._create(path, name, content, expires):
                self._agree(path, name, content, expires)
        except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
            raise Conflict(
                f"storing artifact {name!r}: it is a folder, or lies in a file"
            ) from error
        except OSError as error:
            raise TemporaryError(f"storing artifact {name!r}: {error}") from error

    def _create(self, path: Path, name: str, content: bytes, expires: float) -> bool:
        """Whether the name was free; a file that is there is not touched."""
        if path.exists():
            return False
        self._make_folder(path.parent)
        unfinished = path.with_name(_UNFINISHED + os.urandom(8).hex())
        try:
            write_durably(unfinished, self._sealer.seal(name, content))
            os.utime(unfinished, (expires, expires))
            path.hardlink_to(unfinished)
        except FileExistsError:
            return False
        finally:
            unfinished.unlink(missing_ok=True)
        sync_folder(path.parent)
        return True

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        while folder != self._files:
            folder = folder.parent
            sync_folder(folder)

    def _agree(self, path: Path, name: str, content: bytes, expires: float) -> None:
        """The same content again keeps the later expiry."""
        if self._sealer.open(name, path.read_bytes()) != content:
            raise Conflict(f"storing artifact {name!r}: other content is there already")
        if expires > path.stat().st_mtime:
            os.utime(path, (expires, expires))

    def _get(self, name: str, now: float) -> bytes:
        path = self._path(name)
        try:
            if path.stat().st_mtime <= now:
                raise NotFound(f"reading artifact {name!r}: it has expired")
            sealed = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise NotFound(f"reading artifact {name!r}: it was never stored") from error
        except OSError as error:
            raise TemporaryError(f"reading artifact {name!r}: {error}") from error
        return self._sealer.open(name, sealed)

    def _sweep(self, now: float) -> int:
        return sum(_drop_expired(path, now) for path in self._files.rglob("*"))


def _drop_expired(path: Path, now: float) -> bool:
    try:
        status = path.stat()
        ends = status.st_mtime
        if path.name.startswith(_UNFINISHED):
            ends = status.st_ctime + _UNFINISHED_S
        if not S_ISREG(status.st_mode) or ends > now:
            return False
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


@asynccontextmanager
async def open_folder(folder: Path, clock: Clock) -> AsyncIterator[FolderArtifacts]:
    """The artifacts in `folder`, swept once; the folder and its master key are made if need be.

    Raises: PermanentError - the folder or its key cannot be used.
    """
    try:
        artifacts = await asyncio.to_thread(FolderArtifacts, folder, clock)
        await artifacts.sweep()
    except OSError as error:
        raise PermanentError(f"opening the artifacts in {str(folder)!r}: {error}") from error
    yield artifacts
