"""The feed of physical partitions: all of them, or those since an ETag; 304 when nothing changed.

Source: Azure Cosmos DB REST API, "Get partition key ranges"; what azure-cosmos 4.17 sends.
"""

from collections.abc import Mapping
from typing import Any

from tests.far.cosmos.account import Container
from tests.far.cosmos.items import HASHES, Range, Refused
from tests.far.cosmos.replies import Reply

_FIRST, _LAST = "", "FF"


def changes(headers: Mapping[str, str], container: Container) -> Reply:
    """Raises: Refused."""
    if headers.get("A-IM") != "Incremental Feed":
        raise Refused(400, "this double gives the physical partitions as an incremental feed only")
    newest = max(int(one.id) for one in container.items.ranges)
    etag = f'"{newest}"'
    known = headers.get("If-None-Match", "").strip('"')
    if known == str(newest):
        return Reply(304, headers={"etag": etag})
    found = [one for one in container.items.ranges if not known or int(one.id) > int(known)]
    body = {
        "_rid": container.rid,
        "PartitionKeyRanges": [_shown(one) for one in found],
        "_count": len(found),
    }
    return Reply(200, body, headers={"etag": etag})


def _shown(one: Range) -> Mapping[str, Any]:
    return {
        "id": one.id,
        "minInclusive": _bound(one.low) if one.low else _FIRST,
        "maxExclusive": _bound(one.high) if one.high < HASHES else _LAST,
        "parents": list(one.parents),
        "status": "online",
        "throughputFraction": (one.high - one.low) / HASHES,
    }


def _bound(hash_: int) -> str:
    """As the service writes it: 16 bytes, of which the first two bits are not used."""
    return f"{hash_:08X}".ljust(32, "0")
