"""Envelope encryption: each artifact has a key of its own, wrapped by a master key that is named.

A sealed artifact is `SGN2`, two lengths, the master key's id, the wrapped key, and the content
under it, bound to all that is before it and to the artifact's name. `SGN1` is what was written
before master keys had ids; it still opens.
"""

import asyncio
from dataclasses import dataclass
from struct import Struct
from typing import Protocol

from orchestration.adapters.sealing import (
    MAGIC as BEFORE_IDS,
)
from orchestration.adapters.sealing import (
    WRAPPED_KEY_BYTES,
    Damaged,
    decrypted,
    encrypted,
    new_key,
)

MAGIC = b"SGN2"
_LENGTHS = Struct(">HH")


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A key that only its master key can unwrap; `key_id` is "" for what was sealed before ids."""

    key_id: str
    content: bytes


class MasterKeys(Protocol):
    """What wraps new keys is the newest master key; older ones unwrap what they have wrapped."""

    async def wrap(self, key: bytes, name: str) -> Wrapped:
        """Raises: PermanentError, TemporaryError."""
        ...

    async def unwrap(self, wrapped: Wrapped, name: str) -> bytes:
        """Raises: PermanentError - damaged, or the master key is not to be had; TemporaryError."""
        ...

    async def check(self) -> None:
        """Look now, whatever is remembered, whether the newest one can be had.

        Raises: PermanentError, TemporaryError.
        """
        ...


async def seal(keys: MasterKeys, name: str, content: bytes) -> bytes:
    key = new_key()
    wrapped = await keys.wrap(key, name)
    id = wrapped.key_id.encode()
    head = MAGIC + _LENGTHS.pack(len(id), len(wrapped.content)) + id + wrapped.content
    return head + await asyncio.to_thread(encrypted, key, content, head + name.encode())


async def unseal(keys: MasterKeys, name: str, sealed: bytes) -> bytes:
    """Raises: PermanentError - damaged, or the master key is not to be had; TemporaryError."""
    if sealed.startswith(BEFORE_IDS):
        starts = len(BEFORE_IDS) + WRAPPED_KEY_BYTES
        wrapped, bound = Wrapped("", sealed[len(BEFORE_IDS) : starts]), name.encode()
    else:
        wrapped, starts = _wrapped(name, sealed)
        bound = sealed[:starts] + name.encode()
    key = await keys.unwrap(wrapped, name)
    return await asyncio.to_thread(decrypted, key, sealed[starts:], bound, name=name)


def _wrapped(name: str, sealed: bytes) -> tuple[Wrapped, int]:
    """The wrapped key, and where the content starts."""
    begins = len(MAGIC) + _LENGTHS.size
    if not sealed.startswith(MAGIC) or len(sealed) < begins:
        raise Damaged(name)
    id_ends, ends = _ends(sealed, begins)
    if len(sealed) < ends:
        raise Damaged(name)
    id = sealed[begins:id_ends].decode(errors="replace")
    return Wrapped(id, sealed[id_ends:ends]), ends


def _ends(sealed: bytes, begins: int) -> tuple[int, int]:
    id, wrapped = _LENGTHS.unpack_from(sealed, len(MAGIC))
    return begins + id, begins + id + wrapped
