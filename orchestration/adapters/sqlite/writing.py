"""Applying one batch inside an open transaction."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeAlias

from orchestration.ports import (
    OVERWRITTEN,
    Conflict,
    Create,
    Delete,
    ETag,
    NotFound,
    Replace,
    Stale,
    Write,
)

SWEPT_AT_ONCE = 500

ETags: TypeAlias = tuple[ETag | None, ...]

_CURRENT = """
SELECT etag, operation FROM documents
WHERE container = ? AND partition = ? AND id = ? AND (expires IS NULL OR expires > ?)"""
_SAVE = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM documents WHERE container = ? AND partition = ? AND id = ?"
_SWEEP = f"""
DELETE FROM documents WHERE (container, partition, id) IN
(SELECT container, partition, id FROM documents WHERE expires <= ? LIMIT {SWEPT_AT_ONCE})"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Batch:
    """Writes that happen together; `texts` are their bodies as JSON, `answer` gets the etags."""

    container: str
    partition: str
    writes: tuple[Write, ...]
    texts: tuple[str, ...]
    operation: str
    answer: Future[ETags] = field(default_factory=Future)

    def __str__(self) -> str:
        return f"{self.container}/{self.partition} (operation {self.operation!r})"


def apply(connection: sqlite3.Connection, batch: Batch, etags: Iterator[ETag], now: float) -> ETags:
    """Do all writes; the caller undoes them on an error.

    Raises: Conflict, NotFound, Stale.
    """
    return tuple(
        _write(connection, batch, write, text, etags, now)
        for write, text in zip(batch.writes, batch.texts, strict=True)
    )


def applied_before(connection: sqlite3.Connection, batch: Batch, now: float) -> ETags | None:
    """What the batch has produced, if one of its documents carries its operation."""
    found = [_current(connection, batch, write, now) for write in batch.writes]
    mine = [row is not None and row[1] == batch.operation for row in found]
    if not any(mine):
        return None
    return tuple(
        None if isinstance(write, Delete) else ETag(row[0]) if own and row else OVERWRITTEN
        for write, row, own in zip(batch.writes, found, mine, strict=True)
    )


def sweep(connection: sqlite3.Connection, now: float) -> bool:
    """Remove some of what has expired; whether more may be left."""
    return connection.execute(_SWEEP, (now,)).rowcount >= SWEPT_AT_ONCE


def _current(
    connection: sqlite3.Connection, batch: Batch, write: Write, now: float
) -> tuple[str, str] | None:
    """The etag and the operation of the document that is there."""
    key = (batch.container, batch.partition, write.id)
    row: tuple[str, str] | None = connection.execute(_CURRENT, (*key, now)).fetchone()
    return row


def _write(
    connection: sqlite3.Connection,
    batch: Batch,
    write: Write,
    text: str,
    etags: Iterator[ETag],
    now: float,
) -> ETag | None:
    key = (batch.container, batch.partition, write.id)
    row = _current(connection, batch, write, now)
    _check(write, None if row is None else row[0], "/".join(key))
    if isinstance(write, Delete):
        connection.execute(_DELETE, key)
        return None
    etag = next(etags)
    expires = None if write.ttl_s is None else now + write.ttl_s
    connection.execute(_SAVE, (*key, etag, text, expires, batch.operation, write.waits))
    return etag


def _check(write: Write, current: str | None, place: str) -> None:
    doing = f"{type(write).__name__.lower()} {place}"
    if isinstance(write, Create) and current is not None:
        raise Conflict(f"{doing}: it exists already")
    if isinstance(write, Replace | Delete):
        if current is None:
            raise NotFound(f"{doing}: there is no such document")
        if write.if_match is not None and write.if_match != current:
            raise Stale(f"{doing}: it changed since it was read; read it again")
