"""AES-256-GCM, and what is sealed with it under one key that the caller holds.

Whatever is encrypted is bound to a name, so that it cannot be passed off as something else.

Source: NIST SP 800-38D (96-bit random nonces; a key that is used once cannot repeat one).
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from orchestration.errors import PermanentError

MAGIC = b"SGN1"
KEY_BYTES = 32
_NONCE, _TAG = 12, 16
WRAPPED_KEY_BYTES = _NONCE + KEY_BYTES + _TAG


class Damaged(PermanentError):
    """Altered, cut off, of another name, or under another key."""

    def __init__(self, name: str) -> None:
        super().__init__(f"opening {name!r}: it is damaged, or was sealed with another master key")


def new_key() -> bytes:
    return AESGCM.generate_key(KEY_BYTES * 8)


def encrypted(key: bytes, content: bytes, bound: bytes) -> bytes:
    """A nonce and the ciphertext, which only opens with the same `bound`."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, bound)


def decrypted(key: bytes, sealed: bytes, bound: bytes, *, name: str) -> bytes:
    """Raises: Damaged - names `name`."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
    except (InvalidTag, ValueError) as error:
        raise Damaged(name) from error


class Sealer:
    """Seals and opens bytes under a master key of 32 bytes: magic, wrapped key, content."""

    def __init__(self, master_key: bytes) -> None:
        self._master = master_key

    def seal(self, name: str, content: bytes) -> bytes:
        key, bound = new_key(), name.encode()
        return MAGIC + encrypted(self._master, key, bound) + encrypted(key, content, bound)

    def open(self, name: str, sealed: bytes) -> bytes:
        """Raises: Damaged."""
        if not sealed.startswith(MAGIC):
            raise Damaged(name)
        bound, starts = name.encode(), len(MAGIC) + WRAPPED_KEY_BYTES
        key = decrypted(self._master, sealed[len(MAGIC) : starts], bound, name=name)
        return decrypted(key, sealed[starts:], bound, name=name)
