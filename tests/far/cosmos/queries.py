"""The queries that the store sends, word for word; anything else is refused.

A query over all partitions goes through one physical partition after the other: an answer never
holds items of two of them, may be empty, and says where to go on; one that was split meanwhile is
gone on with in what it was split into.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tests.far.cosmos import charges
from tests.far.cosmos.items import HASHES, Entry, Index, Items, Place, Refused, place_of

_FIND = (
    "SELECT * FROM c WHERE c.p = @p AND c.id >= @low AND c.id < @high ORDER BY c.p {0}, c.id {0}"
)
_ASCENDING, _DESCENDING = _FIND.format("ASC"), _FIND.format("DESC")
_WAITING = "SELECT VALUE c.p FROM c WHERE c.waits = @what"
_EVERYWHERE = "SELECT * FROM c WHERE c.id = @id"


@dataclass(frozen=True, slots=True)
class Query:
    """As it was asked: `partition` is None for all of them."""

    text: str
    parameters: Mapping[str, Any]
    partition: str | None
    cross_partition: bool
    most: int
    continuation: str | None
    lsn: int | None = None
    """Up to which write it has to see; None for all."""


@dataclass(frozen=True, slots=True)
class Answer:
    documents: list[bytes]
    charge: float
    continuation: str | None


def answer(items: Items, policy: Mapping[str, Any], query: Query) -> Answer:
    """Raises: Refused."""
    match " ".join(query.text.split()):
        case text if text in (_ASCENDING, _DESCENDING):
            return _find(items, policy, query, descending=text == _DESCENDING)
        case text if text == _WAITING:
            _need_index(policy, "/waits/?")
            given = _given(query, "what")
            return _page(items, query, items.by_waits, given["what"], _partition)
        case text if text == _EVERYWHERE:
            given = _given(query, "id")
            return _page(items, query, items.by_id, given["id"], _text)
        case text:
            raise Refused(400, f"this double does not know the query {text!r}")


def _find(items: Items, policy: Mapping[str, Any], query: Query, *, descending: bool) -> Answer:
    given = _given(query, "p", "low", "high")
    composite = [[path["path"] for path in one] for one in policy.get("compositeIndexes", [])]
    if ["/p", "/id"] not in composite:
        raise Refused(400, "the order by query has no composite index that it can be served from")
    if query.partition is None:
        raise Refused(400, "the order by query needs a query plan over all partitions", 1004)
    if given["p"] != query.partition:
        return Answer([], charges.query(()), None)
    low, high = given["low"], given["high"]
    if query.continuation:
        last = _decoded(query.continuation)["id"]
        low, high = (low, last) if descending else (last + "\0", high)
    where = query.partition, low, high, descending
    seen = items.between(*where) if query.lsn is None else items.lagging(query.lsn, *where)
    found = list(islice(seen, query.most + 1))
    more = _encoded({"id": found[query.most - 1].id}) if len(found) > query.most else None
    return _answer(found[: query.most], more, _text)


def _page(
    items: Items, query: Query, index: Index, value: str, shown: Callable[[Entry], bytes]
) -> Answer:
    """The next page, of the physical partition where the last one ended."""
    if query.lsn is not None:
        raise Refused(400, "this double answers it at the account's own consistency only")
    if query.partition is not None:
        raise Refused(400, "this double answers it over all partitions only")
    if not query.cross_partition:
        raise Refused(400, "a cross partition query has to be asked for as one", 1004)
    after: Place = (0, "", "")
    if query.continuation:
        hash_, partition, id = _decoded(query.continuation)["after"]
        after = hash_, partition, id
    high = items.range_of(after[0]).high
    found = list(islice(items.at(index.after(value, after, high)), query.most + 1))
    following: Place | None = None
    if len(found) > query.most:
        following = place_of(found[query.most - 1].partition, found[query.most - 1].id)
    elif high < HASHES:
        following = high, "", ""
    more = _encoded({"after": following}) if following else None
    return _answer(found[: query.most], more, shown)


def _text(entry: Entry) -> bytes:
    return entry.text


def _partition(entry: Entry) -> bytes:
    return json.dumps(entry.partition).encode()


def _answer(found: Iterable[Entry], more: str | None, shown: Callable[[Entry], bytes]) -> Answer:
    entries = list(found)
    charge = charges.query(entry.size for entry in entries)
    return Answer([shown(entry) for entry in entries], charge, more)


def _need_index(policy: Mapping[str, Any], path: str) -> None:
    if path not in [one["path"] for one in policy.get("includedPaths", [])]:
        raise Refused(400, f"{path} is not indexed: this would read the whole container")


def _given(query: Query, *names: str) -> Mapping[str, str]:
    """The query's parameters, which must be these and text."""
    given = {name.removeprefix("@"): value for name, value in query.parameters.items()}
    if given.keys() != set(names) or not all(isinstance(value, str) for value in given.values()):
        raise Refused(400, f"its parameters are {sorted(given)}, not {sorted(names)}")
    return given


def _encoded(value: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode()


def _decoded(text: str) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(urlsafe_b64decode(text))
    except ValueError:
        raise Refused(400, "that is no continuation token") from None
    return value
