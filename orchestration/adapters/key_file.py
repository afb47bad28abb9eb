"""Master keys in a file: 32 bytes each, the newest last. A file of one key is what it began as.

It is read each time, so that a key added by another process is used, and known, at once.
"""

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from orchestration.adapters.durably import sync_folder, write_durably
from orchestration.adapters.envelope import Wrapped
from orchestration.adapters.sealing import KEY_BYTES, Damaged, decrypted, encrypted, new_key
from orchestration.errors import PermanentError


class KeyFile:
    """`envelope.MasterKeys` from the file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def wrap(self, key: bytes, name: str) -> Wrapped:
        keys = await asyncio.to_thread(read_keys, self._path)
        newest = list(keys)[-1]
        return Wrapped(newest, encrypted(keys[newest], key, name.encode()))

    async def unwrap(self, wrapped: Wrapped, name: str) -> bytes:
        keys = await asyncio.to_thread(read_keys, self._path)
        if not wrapped.key_id:
            return _tried(keys, wrapped, name)
        if wrapped.key_id not in keys:
            raise PermanentError(
                f"opening {name!r}: it is damaged, or was sealed with the master key "
                f"{wrapped.key_id!r}, which {str(self._path)!r} does not hold"
            )
        return decrypted(keys[wrapped.key_id], wrapped.content, name.encode(), name=name)

    async def check(self) -> None:
        await asyncio.to_thread(read_keys, self._path)


def _tried(keys: Mapping[str, bytes], wrapped: Wrapped, name: str) -> bytes:
    """What was sealed before keys had ids opens with one of them."""
    for key in keys.values():
        with suppress(Damaged):
            return decrypted(key, wrapped.content, name.encode(), name=name)
    raise Damaged(name)


def made_if_missing(path: Path) -> KeyFile:
    """The keys in `path`, made with one key if need be; of several that make it, one wins.

    Raises: PermanentError - it cannot be used, or others than its owner may read it.
    """
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _create(path)
        except OSError as error:
            why = error.strerror or error
            raise PermanentError(f"making the master key {str(path)!r}: {why}") from error
    read_keys(path)
    return KeyFile(path)


def rotate(path: Path) -> str:
    """Add a key, which seals from now on; its id. One write of 32 bytes: all of it, or nothing.

    Raises: PermanentError - the file cannot be used.
    """
    if not path.exists():
        made_if_missing(path)
    else:
        read_keys(path)
        with path.open("ab", buffering=0) as file:
            file.write(new_key())
            os.fsync(file.fileno())
    return list(read_keys(path))[-1]


def read_keys(path: Path) -> Mapping[str, bytes]:
    """The keys by id, the newest last.

    Raises: PermanentError - none, of a wrong size, or others than the owner may read them.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise PermanentError(f"the master key {str(path)!r} is open to others: chmod 600 it")
        content = path.read_bytes()
    except OSError as error:
        raise PermanentError(f"reading the master key: {error}") from error
    if not content or len(content) % KEY_BYTES:
        raise PermanentError(
            f"the master key {str(path)!r} has {len(content)} bytes; a key has {KEY_BYTES}"
        )
    keys = (content[at : at + KEY_BYTES] for at in range(0, len(content), KEY_BYTES))
    return {sha256(key).hexdigest()[:16]: key for key in keys}


def _create(path: Path) -> None:
    own = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
    write_durably(own, new_key())
    try:
        path.hardlink_to(own)
    except FileExistsError:
        pass
    finally:
        own.unlink()
    sync_folder(path.parent)
