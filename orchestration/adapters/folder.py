"""`ports.ArtifactStore` in a folder: `<folder>/files/a/b/c`, sealed.

A file's modification time is when it expires, in the far future if it never does. A new file is
linked into place once it is whole and on the disk, so a name has its content or nothing.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG

from orchestration.adapters.artifact_names import checked
from orchestration.adapters.durably import sync_folder, write_durably
from orchestration.adapters.envelope import MasterKeys, seal, unseal
from orchestration.errors import PermanentError, TemporaryError
from orchestration.ports import Clock, Conflict, NotFound

NEVER = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
_UNFINISHED = ".new-"
_UNFINISHED_S = 3600.0
"""After that long, whoever was writing it has died."""


class FolderArtifacts:
    """Files are touched on a thread; names are checked before they become paths."""

    def __init__(self, folder: Path, keys: MasterKeys, clock: Clock) -> None:
        self._files = folder / "files"
        self._files.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._keys = keys
        self._clock = clock

    async def put(self, name: str, content: bytes, *, ttl_s: int | None = None) -> None:
        path = self._files / checked(name)
        now = self._clock.now().timestamp()
        expires = NEVER if ttl_s is None else now + ttl_s
        sealed = await seal(self._keys, name, content)
        with _storing(name):
            if await asyncio.to_thread(self._create, path, sealed, expires, now):
                return
            present = await asyncio.to_thread(path.read_bytes)
            if await unseal(self._keys, name, present) != content:
                raise Conflict(f"storing artifact {name!r}: other content is there already")
            await asyncio.to_thread(_prolong, path, expires)

    async def get(self, name: str) -> bytes:
        path = self._files / checked(name)
        sealed = await asyncio.to_thread(_read, name, path, self._clock.now().timestamp())
        return await unseal(self._keys, name, sealed)

    async def check(self) -> None:
        with suppress(NotFound):
            await self.get("check")
        await self._keys.check()

    async def sweep(self) -> int:
        """Remove what has expired, and what a crash left unfinished; how many files that were."""
        return await asyncio.to_thread(self._sweep, self._clock.now().timestamp())

    def _create(self, path: Path, sealed: bytes, expires: float, now: float) -> bool:
        """Whether the name was free; a file that is there and has not expired is not touched."""
        _drop_expired(path, now)
        if path.exists():
            return False
        self._make_folder(path.parent)
        unfinished = path.with_name(_UNFINISHED + os.urandom(8).hex())
        try:
            write_durably(unfinished, sealed)
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

    def _sweep(self, now: float) -> int:
        return sum(_drop_expired(path, now) for path in self._files.rglob("*"))


@contextmanager
def _storing(name: str) -> Iterator[None]:
    try:
        yield
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        raise Conflict(f"storing artifact {name!r}: it is a folder, or lies in a file") from error
    except OSError as error:
        raise TemporaryError(f"storing artifact {name!r}: {error}") from error


def _read(name: str, path: Path, now: float) -> bytes:
    try:
        if path.stat().st_mtime <= now:
            raise NotFound(f"reading artifact {name!r}: it has expired")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise NotFound(f"reading artifact {name!r}: it was never stored") from error
    except OSError as error:
        raise TemporaryError(f"reading artifact {name!r}: {error}") from error


def _prolong(path: Path, expires: float) -> None:
    """The same content again keeps the later expiry."""
    if expires > path.stat().st_mtime:
        os.utime(path, (expires, expires))


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
async def open_folder(
    folder: Path, keys: MasterKeys, clock: Clock
) -> AsyncIterator[FolderArtifacts]:
    """The artifacts in `folder`, which is made if need be, swept once.

    Raises: PermanentError - the folder cannot be used.
    """
    try:
        artifacts = await asyncio.to_thread(FolderArtifacts, folder, keys, clock)
        await artifacts.sweep()
    except OSError as error:
        raise PermanentError(f"opening the artifacts in {str(folder)!r}: {error}") from error
    yield artifacts
