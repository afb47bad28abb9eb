"""The items of one container, as the service keeps them: by partition, with ETags and expiry."""

import json
import re
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.far.cosmos.hashes import effective

RANGES = 4
"""Physical partitions at first; a logical one lies in that of its key's hash."""
HASHES = 2**30
"""How many there are: the first 32 of the 128 bits of an effective key, two of them unused."""
MAX_BYTES = 2 * 1024 * 1024
MAX_TTL_S = 2**31 - 1
_ID = re.compile(r"[^/\\?#]{1,255}")
_LAGGING = 10_000
"""How many writes a replica may be behind."""
_SYSTEM = {"_rid", "_self", "_etag", "_attachments", "_ts"}

Item: TypeAlias = dict[str, Any]
Now: TypeAlias = Callable[[], float]
Place: TypeAlias = tuple[int, str, str]
"""The partition's hash, the partition, the id."""


class Refused(Exception):
    """What the service answers instead, with its status and substatus."""

    def __init__(self, status: int, why: str, substatus: int = 0) -> None:
        super().__init__(why)
        self.status, self.why, self.substatus = status, why, substatus


@dataclass(frozen=True, slots=True)
class Entry:
    """`text` is the item as JSON, `expires` is in seconds since the epoch."""

    partition: str
    id: str
    text: bytes
    etag: str
    size: int
    expires: float | None
    waits: str | None

    @property
    def number(self) -> int:
        """Of this write: there is no other with it, and later ones have higher ones."""
        return int(self.etag[1:9], 16)

    @property
    def lsn(self) -> int:
        """Of the transaction that it was written in."""
        return self.number - int(self.etag[10:14], 16)

    @property
    def written(self) -> int:
        """In seconds since the epoch."""
        return int(self.etag[-13:-1], 16)


@dataclass(frozen=True, slots=True)
class Range:
    """A physical partition: the hashes from `low` on and before `high`; what it was split from."""

    id: str
    low: int
    high: int
    parents: tuple[str, ...] = ()


def place_of(partition: str, id: str) -> Place:
    return effective(partition) >> 96, partition, id


class Index:
    """By value: where items with it are, in order."""

    def __init__(self) -> None:
        self._places: dict[str, list[Place]] = {}

    def add(self, value: str, place: Place) -> None:
        insort(self._places.setdefault(value, []), place)

    def fill(self, found: Iterable[tuple[str, Place]]) -> None:
        for value, place in found:
            self._places.setdefault(value, []).append(place)
        for places in self._places.values():
            places.sort()

    def remove(self, value: str, place: Place) -> None:
        places = self._places[value]
        del places[bisect_left(places, place)]

    def after(self, value: str, place: Place, high: int) -> list[Place]:
        """In the physical partition that ends before that hash."""
        places = self._places.get(value, [])
        return places[bisect_right(places, place) : bisect_left(places, (high, "", ""))]


@dataclass(frozen=True, slots=True)
class _Written:
    lsn: int
    partition: str
    id: str
    before: Entry | None


class Items:
    """`lsn` is the log sequence number of the newest write, or of one that was refused since."""

    def __init__(self, rid: str, now: Now) -> None:
        self._rid = rid
        self._now = now
        self._partitions: dict[str, dict[str, Entry]] = {}
        self._ids: dict[str, list[str]] = {}
        step = HASHES // RANGES
        self.ranges = [Range(str(n), n * step, (n + 1) * step) for n in range(RANGES)]
        self.lsn = 0
        self._log: deque[_Written] = deque(maxlen=_LAGGING)
        self._by_number: dict[int, Entry] = {}
        self.by_waits = Index()
        self.by_id = Index()

    def range_of(self, hash: int) -> Range:
        return next(one for one in self.ranges if one.low <= hash < one.high)

    def split(self, range_: Range) -> None:
        """Two physical partitions in its place."""
        middle, parents = (range_.low + range_.high) // 2, (*range_.parents, range_.id)
        number = 1 + max(int(one.id) for one in self.ranges)
        at = self.ranges.index(range_)
        self.ranges[at : at + 1] = [
            Range(str(number), range_.low, middle, parents),
            Range(str(number + 1), middle, range_.high, parents),
        ]

    def get(self, partition: str, id: str) -> Entry | None:
        entry = self._partitions.get(partition, {}).get(id)
        if entry and entry.expires is not None and entry.expires <= self._now():
            self.remove(entry)
            return None
        return entry

    def checked(
        self, partition: str, body: Mapping[str, Any], transaction: int | None = None
    ) -> Entry:
        """The entry to be kept for an item that was sent: alone, or in the transaction of that LSN.

        Raises: Refused.
        """
        id, ttl = body.get("id"), body.get("ttl", -1)
        if not isinstance(id, str) or not _ID.fullmatch(id) or id.endswith(" "):
            raise Refused(400, f"the id {id!r} cannot be used")
        if body.get("p") != partition:
            raise Refused(400, "the partition key of the item is not that of the request", 1001)
        if (
            isinstance(ttl, bool)
            or not isinstance(ttl, int)
            or not (ttl == -1 or 0 < ttl <= MAX_TTL_S)
        ):
            raise Refused(400, f"the ttl {ttl!r} cannot be used")
        self.lsn += 1
        return self._stamped(partition, id, body, ttl, transaction or self.lsn)

    def _stamped(
        self, partition: str, id: str, body: Mapping[str, Any], ttl: int, transaction: int
    ) -> Entry:
        later, ts = self.lsn - transaction, int(self._now())
        etag = f'"{self.lsn:08x}-{later:04x}-0700-0000-{ts:012x}"'
        rid = f"{self._rid}{self.lsn:08x}"
        item = {name: value for name, value in body.items() if name not in _SYSTEM}
        size = len(_json(item))
        if size > MAX_BYTES:
            raise Refused(413, f"the item has {size} bytes")
        kept = {
            **item,
            "_rid": rid,
            "_self": f"{rid}/",
            "_etag": etag,
            "_attachments": "a/",
            "_ts": ts,
        }
        expires = None if ttl == -1 else ts + float(ttl)
        return Entry(partition, id, _json(kept), etag, size, expires, item.get("waits"))

    def write(self, partition: str, id: str, entry: Entry | None) -> None:
        """Keep the entry, or remove what is there, as a write of its own."""
        before = self._partitions.get(partition, {}).get(id)
        self.lsn += 1
        self._log.append(_Written(self.lsn, partition, id, before))
        if entry:
            self.keep(entry)
        elif before:
            self.remove(before)

    def keep(self, entry: Entry) -> None:
        before = self._partitions.get(entry.partition, {}).get(entry.id)
        if before:
            self.remove(before)
        self._partitions.setdefault(entry.partition, {})[entry.id] = entry
        self._by_number[entry.number] = entry
        insort(self._ids.setdefault(entry.partition, []), entry.id)
        place = place_of(entry.partition, entry.id)
        self.by_id.add(entry.id, place)
        if entry.waits is not None:
            self.by_waits.add(entry.waits, place)

    def fill(self, entries: Sequence[Entry]) -> None:
        """Keep all of them, none of which is there: for very many."""
        for entry in entries:
            self._partitions.setdefault(entry.partition, {})[entry.id] = entry
            self._ids.setdefault(entry.partition, []).append(entry.id)
            self._by_number[entry.number] = entry
        for ids in self._ids.values():
            ids.sort()
        places = [place_of(entry.partition, entry.id) for entry in entries]
        self.by_id.fill(zip((entry.id for entry in entries), places, strict=True))
        waiting = zip((entry.waits for entry in entries), places, strict=True)
        self.by_waits.fill((waits, place) for waits, place in waiting if waits is not None)

    def put_back(self, entry: Entry) -> None:
        """From another process; its etag is not used again."""
        self.keep(entry)
        self.lsn = max(self.lsn, entry.number)

    def remove(self, entry: Entry) -> None:
        del self._partitions[entry.partition][entry.id], self._by_number[entry.number]
        ids = self._ids[entry.partition]
        del ids[bisect_left(ids, entry.id)]
        if not ids:
            del self._partitions[entry.partition], self._ids[entry.partition]
        place = place_of(entry.partition, entry.id)
        self.by_id.remove(entry.id, place)
        if entry.waits is not None:
            self.by_waits.remove(entry.waits, place)

    def between(self, partition: str, low: str, high: str, descending: bool) -> Iterator[Entry]:
        """In order of id, from `low` on and before `high`."""
        ids = self._ids.get(partition, [])
        found = ids[bisect_left(ids, low) : bisect_left(ids, high)]
        for id in reversed(found) if descending else found:
            if entry := self.get(partition, id):
                yield entry

    def lagging(
        self, lsn: int, partition: str, low: str, high: str, descending: bool
    ) -> Iterator[Entry]:
        """The same as it was after that write, as far as that is remembered."""
        found = {entry.id: entry for entry in self.between(partition, low, high, descending)}
        for one in reversed(self._log):
            if one.lsn <= lsn:
                break
            if one.partition != partition or not low <= one.id < high:
                continue
            found.pop(one.id, None)
            if one.before:
                found[one.id] = one.before
        yield from sorted(found.values(), key=lambda entry: entry.id, reverse=descending)

    def at(self, places: Iterable[Place]) -> Iterator[Entry]:
        """Those of them that have not expired."""
        for _, partition, id in places:
            if entry := self.get(partition, id):
                yield entry

    def changed(self, lsn: int) -> Iterator[Entry]:
        """What was last written in a transaction after that one, in that order."""
        for number in range(lsn + 1, self.lsn + 1):
            entry = self._by_number.get(number)
            if entry and entry.lsn > lsn and self.get(entry.partition, entry.id):
                yield entry

    def all(self) -> Iterator[Entry]:
        for partition, ids in list(self._ids.items()):
            for id in list(ids):
                if entry := self.get(partition, id):
                    yield entry


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
