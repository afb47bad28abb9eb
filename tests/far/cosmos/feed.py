"""The change feed of items: the newest version of each, in the order of their last changes.

A continuation is the log sequence number (LSN) of a transaction. What one transaction wrote is in
one answer, even where that is more than was asked for. What was deleted or has expired is in none.
From a point in time on, the first answer only says where that is.

Source: Azure Cosmos DB REST API, "List (ReadFeed) Documents"; Microsoft Learn, "Change feed pull
model" (transactions); what azure-cosmos 4.17 sends and expects.
"""

from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from tests.far.cosmos import charges
from tests.far.cosmos.account import Container
from tests.far.cosmos.hashes import effective
from tests.far.cosmos.items import Entry, Items, Refused
from tests.far.cosmos.replies import Reply

_BITS, _DIGITS = 128, 32


def changes(
    headers: Mapping[str, str], container: Container, partition: str | None, most: int
) -> Reply:
    """`partition` is None for all of those that the headers are about.

    Raises: Refused.
    """
    if (mode := headers.get("A-IM")) != "Incremental Feed":
        other = mode or "a list"
        raise Refused(400, f"this double gives items as an incremental feed only, not as {other}")
    items = container.items
    low, high = _keys(headers, items, partition)
    known, since = headers.get("If-None-Match"), headers.get("If-Modified-Since")
    if known == "*":
        return _nothing(items.lsn)
    if known is None and since is not None:
        return _nothing(_before(items, since))
    changed = (
        entry
        for entry in items.changed(_lsn(known, items) if known else 0)
        if low <= effective(entry.partition) < high and partition in (None, entry.partition)
    )
    page, more = _page(changed, most)
    if not page:
        return _nothing(items.lsn)
    return _shown(page, container.rid, page[-1].lsn if more else items.lsn)


def _keys(headers: Mapping[str, str], items: Items, partition: str | None) -> tuple[int, int]:
    """The effective keys that it is about: from, and before.

    Raises: Refused - that physical partition was split.
    """
    low, high = 0, 1 << _BITS
    id = headers.get("x-ms-documentdb-partitionkeyrangeid")
    if id is None and partition is None:
        raise Refused(400, "a change feed is of a physical partition or a partition key")
    if id is not None:
        found = next((one for one in items.ranges if one.id == id), None)
        if found is None:
            raise Refused(410, f"there is no physical partition {id!r} any more", 1002)
        low, high = found.low << _BITS - 32, found.high << _BITS - 32
    if headers.get("x-ms-read-key-type") == "EffectivePartitionKeyRange":
        low = max(low, _key(headers["x-ms-start-epk"]))
        high = min(high, _key(headers["x-ms-end-epk"]))
    return low, high


def _key(text: str) -> int:
    return int(text.ljust(_DIGITS, "0"), 16)


def _lsn(known: str, items: Items) -> int:
    try:
        lsn = int(known.strip('"'))
    except ValueError:
        raise Refused(400, f"{known!r} is no continuation of a change feed") from None
    if lsn > items.lsn:
        raise Refused(400, f"the change feed has come to {items.lsn}, and not to {lsn} yet")
    return lsn


def _before(items: Items, since: str) -> int:
    """Where what was written after that time begins."""
    after = parsedate_to_datetime(since).timestamp()
    return next((one.lsn - 1 for one in items.changed(0) if one.written > after), items.lsn)


def _page(changed: Iterator[Entry], most: int) -> tuple[list[Entry], bool]:
    """And whether there are more."""
    page: list[Entry] = []
    for entry in changed:
        if len(page) >= most and entry.lsn != page[-1].lsn:
            return page, True
        page.append(entry)
    return page, False


def _nothing(lsn: int) -> Reply:
    return Reply(304, None, charges.MISSED, {"etag": f'"{lsn}"'})


def _shown(page: list[Entry], rid: str, lsn: int) -> Reply:
    documents = b",".join(b'%b,"_lsn":%d}' % (one.text[:-1], one.lsn) for one in page)
    body = b'{"_rid":"%b","Documents":[%b],"_count":%d}' % (rid.encode(), documents, len(page))
    charge = charges.query(one.size for one in page)
    return Reply(200, body, charge, {"etag": f'"{lsn}"'})
