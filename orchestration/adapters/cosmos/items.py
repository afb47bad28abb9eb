"""Documents as the items that Cosmos DB keeps, and writes as the operations of a batch.

An item is `{id, p: partition, b: body, o: operation, waits?, ttl?}`. The body is one property, so
that it can hold anything; only `p`, `waits` and, as always, `id` are indexed.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from orchestration.ports import Create, Delete, Document, ETag, Put, Replace, Write

Item: TypeAlias = Mapping[str, Any]
BatchOperation: TypeAlias = tuple[str, tuple[Any, ...], dict[str, Any]]


def document(item: Item) -> Document:
    return Document(item["id"], item["b"], etag(item["_etag"]))


def etag(quoted: str) -> ETag:
    return ETag(quoted.strip('"'))


def operations(
    partition: str, writes: Sequence[Write], texts: Sequence[str], operation: str
) -> list[BatchOperation]:
    """What the SDK takes; `texts` are the bodies as JSON."""
    return [
        _operation(
            write, None if isinstance(write, Delete) else _item(partition, write, text, operation)
        )
        for write, text in zip(writes, texts, strict=True)
    ]


def _operation(write: Write, item: Item | None) -> BatchOperation:
    match write:
        case Create():
            return "create", (item,), {}
        case Replace():
            return "replace", (write.id, item), {"if_match_etag": f'"{write.if_match}"'}
        case Put():
            return "upsert", (item,), {}
        case Delete(id, None):
            return "delete", (id,), {}
        case Delete(id, if_match):
            return "delete", (id,), {"if_match_etag": f'"{if_match}"'}


def _item(partition: str, write: Create | Replace | Put, text: str, operation: str) -> Item:
    item = {"id": write.id, "p": partition, "b": json.loads(text), "o": operation}
    if write.waits:
        item["waits"] = write.waits
    if write.ttl_s is not None:
        item["ttl"] = write.ttl_s
    return item
