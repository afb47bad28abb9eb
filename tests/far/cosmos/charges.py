"""What a request is charged, in request units (RU), by the size of the documents it touches.

Source: Microsoft Learn, "Understand request unit consumption" (the table: reads and writes of a
document by its size, without indexes); "Optimize request cost": a read under Strong or
BoundedStaleness consistency costs twice. A replace is a delete and an insert: twice an insert.
Assumed, for want of a published figure, and to be compared with what `SIGNOFF_TEST_COSMOS` records:
what one indexed path adds to a write, and what a query adds to its start per document and KB.
"""

from bisect import bisect_left
from collections.abc import Iterable

_KB = 1024
_SIZES_KB = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
_READS = (1.0, 1.04, 1.14, 1.33, 1.67, 2.19, 4.76, 9.95, 20.28, 40.95, 145.9, 291.8)
_WRITES = (4.95, 6.29, 6.67, 7.04, 9.52, 11.23, 22.67, 48.19, 98.29, 184.57, 625.0, 1250.0)
_INDEXED_PATH = 0.3
_QUERY = 2.3
_QUERIED_DOCUMENT = 0.3
_QUERIED_KB = 0.08
MISSED = 1.0
"""A read that finds nothing, a write whose condition fails."""


def read(size: int) -> float:
    return _between(_READS, size)


def insert(size: int, indexed_paths: int) -> float:
    return _between(_WRITES, size) + _INDEXED_PATH * indexed_paths


def replace(size: int, indexed_paths: int) -> float:
    return 2 * insert(size, indexed_paths)


def delete(size: int, indexed_paths: int) -> float:
    return insert(size, indexed_paths)


def query(sizes: Iterable[int]) -> float:
    """One page from one physical partition, of documents with these sizes."""
    return _QUERY + sum(_QUERIED_DOCUMENT + _QUERIED_KB * size / _KB for size in sizes)


def _between(charges: tuple[float, ...], size: int) -> float:
    """Linear between the sizes of the table; what is smaller costs as much as the smallest."""
    kb = max(size / _KB, 1.0)
    upper = min(bisect_left(_SIZES_KB, kb), len(_SIZES_KB) - 1)
    if upper == 0:
        return charges[0]
    low, high = _SIZES_KB[upper - 1], _SIZES_KB[upper]
    share = (kb - low) / (high - low)
    return charges[upper - 1] + share * (charges[upper] - charges[upper - 1])
