"""Applying one batch inside an open transaction."""

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeAlias

from orchestration.ports import Conflict, Create, Delete, ETag, NotFound, Replace, Stale, Write

OPERATION_MEMORY_S = 7 * 24 * 3600
"""How long a repeated operation is recognised; far longer than anything here is retried."""
SWEPT_AT_ONCE = 500

ETags: TypeAlias = tuple[ETag | None, ...]

_APPLIED = """
SELECT etags FROM operations WHERE container = ? AND partition = ? AND operation = ?
AND expires > ?"""
_REMEMBER = "INSERT OR REPLACE INTO operations VALUES (?, ?, ?, ?, ?)"
_CURRENT = """
SELECT etag FROM documents
WHERE container = ? AND partition = ? AND id = ? AND (expires IS NULL OR expires > ?)"""
_SAVE = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM documents WHERE container = ? AND partition = ? AND id = ?"
_SWEEPS = tuple(
    f"""DELETE FROM {table} WHERE (container, partition, {key}) IN
    (SELECT container, partition, {key} FROM {table} WHERE expires <= ? LIMIT {SWEPT_AT_ONCE})"""  # noqa: S608
    for table, key in (("documents", "id"), ("operations", "operation"))
)


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
    """Do all writes, unless the operation was done before; the caller undoes them on an error.

    Raises: Conflict, NotFound, Stale.
    """
    name = (batch.container, batch.partition, batch.operation)
    applied = connection.execute(_APPLIED, (*name, now)).fetchone()
    if applied is not None:
        return tuple(json.loads(applied[0]))
    done = tuple(
        _write(connection, batch, write, text, etags, now)
        for write, text in zip(batch.writes, batch.texts, strict=True)
    )
    connection.execute(_REMEMBER, (*name, json.dumps(done), now + OPERATION_MEMORY_S))
    return done


def sweep(connection: sqlite3.Connection, now: float) -> bool:
    """Remove some of what has expired; whether more may be left."""
    removed = [connection.execute(statement, (now,)).rowcount for statement in _SWEEPS]
    return max(removed) >= SWEPT_AT_ONCE


def _write(
    connection: sqlite3.Connection,
    batch: Batch,
    write: Write,
    text: str,
    etags: Iterator[ETag],
    now: float,
) -> ETag | None:
    key = (batch.container, batch.partition, write.id)
    row = connection.execute(_CURRENT, (*key, now)).fetchone()
    _check(write, None if row is None else row[0], "/".join(key))
    if isinstance(write, Delete):
        connection.execute(_DELETE, key)
        return None
    etag = next(etags)
    expires = None if write.ttl_s is None else now + write.ttl_s
    connection.execute(_SAVE, (*key, etag, text, expires))
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
