"""Envelope encryption: each file has a key of its own, wrapped by one master key.

A sealed file is `magic, key nonce, wrapped key, nonce, ciphertext`; AES-256-GCM both times, with
the file's name as associated data, so that a file cannot be passed off as another one.

Source: NIST SP 800-38D (96-bit random nonces; a key that is used once cannot repeat one).
"""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from orchestration.errors import PermanentError

MAGIC = b"SGN1"
_KEY, _NONCE, _TAG = 32, 12, 16
_WRAPPED = _KEY + _TAG


class Sealer:
    """Seals and opens bytes under a master key of 32 bytes."""

    def __init__(self, master_key: bytes) -> None:
        self._master = AESGCM(master_key)

    def seal(self, name: str, content: bytes) -> bytes:
        key = AESGCM.generate_key(256)
        key_nonce, nonce = os.urandom(_NONCE), os.urandom(_NONCE)
        wrapped = self._master.encrypt(key_nonce, key, name.encode())
        sealed = AESGCM(key).encrypt(nonce, content, name.encode())
        return b"".join((MAGIC, key_nonce, wrapped, nonce, sealed))

    def open(self, name: str, sealed: bytes) -> bytes:
        """Raises: PermanentError - altered, cut off, of another name, or under another key."""
        starts = [len(MAGIC), _NONCE, _WRAPPED, _NONCE]
        parts, rest = [], sealed
        for length in starts:
            parts.append(rest[:length])
            rest = rest[length:]
        magic, key_nonce, wrapped, nonce = parts
        try:
            if magic != MAGIC:
                raise InvalidTag
            key = self._master.decrypt(key_nonce, wrapped, name.encode())
            return AESGCM(key).decrypt(nonce, rest, name.encode())
        except (InvalidTag, ValueError) as error:
            raise PermanentError(
                f"opening {name!r}: it is damaged, or was sealed with another master key"
            ) from error


def master_key(path: Path) -> bytes:
    """The key in `path`, made when there is none; of several processes that make it, one wins.

    Raises: PermanentError - it has a wrong size, or others than its owner may read it.
    """
    if not path.exists():
        _create_key(path)
    if path.stat().st_mode & 0o077:
        raise PermanentError(f"the master key {str(path)!r} is open to others: chmod 600 it")
    key = path.read_bytes()
    if len(key) != _KEY:
        raise PermanentError(f"the master key {str(path)!r} has {len(key)} bytes, not {_KEY}")
    return key


def _create_key(path: Path) -> None:
    own = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
    write_durably(own, os.urandom(_KEY))
    try:
        path.hardlink_to(own)
    except FileExistsError:
        pass
    finally:
        own.unlink()
    sync_folder(path.parent)


def write_durably(path: Path, content: bytes) -> None:
    """Make a new file, for its owner only, that is on the disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """See that the folder's entries are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
