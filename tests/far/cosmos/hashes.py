"""Where a partition key lies: its effective one, as the service and its SDKs reckon it.

Source: what azure-cosmos 4.17 asks for (`PartitionKey`, version 2): MurmurHash3, x64, 128 bits, of
which the first two are not used; the algorithm is Austin Appleby's, in the public domain.
"""

from functools import lru_cache
from struct import unpack

_ALL = 2**64 - 1
_C1, _C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F
_TEXT, _END = b"\x08", b"\xff"


@lru_cache(maxsize=10_000)
def effective(partition: str) -> int:
    """In 128 bits."""
    low, high = _murmur(_TEXT + partition.encode("utf-8", "surrogatepass") + _END)
    return ((high << 64) | low) & (2**126 - 1)


def _murmur(data: bytes) -> tuple[int, int]:
    h1 = h2 = 0
    whole = len(data) // 16 * 16
    for at in range(0, whole, 16):
        k1, k2 = unpack("<QQ", data[at : at + 16])
        h1 = (_turned((h1 ^ _first(k1)), 27) + h2) * 5 + 0x52DCE729 & _ALL
        h2 = (_turned((h2 ^ _second(k2)), 31) + h1) * 5 + 0x38495AB5 & _ALL
    k1, k2 = unpack("<QQ", data[whole:].ljust(16, b"\0"))
    h1, h2 = h1 ^ _first(k1) ^ len(data), h2 ^ _second(k2) ^ len(data)
    h1 = h1 + h2 & _ALL
    h2 = h1 + h2 & _ALL
    h1, h2 = _mixed(h1), _mixed(h2)
    h1 = h1 + h2 & _ALL
    return h1, h1 + h2 & _ALL


def _first(k: int) -> int:
    return _turned(k * _C1 & _ALL, 31) * _C2 & _ALL


def _second(k: int) -> int:
    return _turned(k * _C2 & _ALL, 33) * _C1 & _ALL


def _turned(value: int, by: int) -> int:
    return (value << by | value >> (64 - by)) & _ALL


def _mixed(k: int) -> int:
    k = (k ^ k >> 33) * 0xFF51AFD7ED558CCD & _ALL
    k = (k ^ k >> 33) * 0xC4CEB9FE1A85EC53 & _ALL
    return k ^ k >> 33
