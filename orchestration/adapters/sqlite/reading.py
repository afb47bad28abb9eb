"""Reading documents on one connection."""

import json
import sqlite3

from orchestration.ports import Document, ETag, NotFound, Page, Partitions

_LAST = "\U0010ffff"
_GET = """
SELECT id, body, etag FROM documents
WHERE container = ? AND partition = ? AND id = ? AND (expires IS NULL OR expires > ?)"""
_FIND = """
SELECT id, body, etag FROM documents
WHERE container = ? AND partition = ? AND (expires IS NULL OR expires > ?)
AND id {above} ?{below} ORDER BY id {order} LIMIT ?"""
"""With both ends in terms that the primary key is read by, however much the partition holds."""
_WAITING = """
SELECT DISTINCT partition FROM documents INDEXED BY documents_waiting
WHERE container = ? AND waits = ? AND waits <> '' AND partition > ?
AND (expires IS NULL OR expires > ?) ORDER BY partition LIMIT ?"""
_EVERYWHERE = """
SELECT id, body, etag, partition FROM documents
WHERE container = ? AND partition > ? AND id = ? AND (expires IS NULL OR expires > ?)
ORDER BY partition LIMIT ?"""


def get(
    connection: sqlite3.Connection, container: str, partition: str, id: str, now: float
) -> Document:
    """Raises: NotFound."""
    row = connection.execute(_GET, (container, partition, id, now)).fetchone()
    if row is None:
        raise NotFound(f"reading {container}/{partition}/{id}: there is no such document")
    return _document(row)


def find(
    connection: sqlite3.Connection,
    container: str,
    partition: str,
    *,
    prefix: str,
    cursor: str | None,
    limit: int,
    descending: bool,
    now: float,
) -> Page:
    """One page; its cursor is the last id on it."""
    low, end, above = prefix, _after_all(prefix), ">="
    if cursor is not None and descending:
        end = cursor
    elif cursor is not None:
        low, above = cursor, ">"
    query = _FIND.format(
        above=above,
        below="" if end is None else " AND id < ?",
        order="DESC" if descending else "ASC",
    )
    ends = [low] if end is None else [low, end]
    rows = connection.execute(query, (container, partition, now, *ends, limit + 1)).fetchall()
    documents = tuple(map(_document, rows[:limit]))
    return Page(documents, documents[-1].id if len(rows) > limit else None)


def waiting(
    connection: sqlite3.Connection, container: str, what: str, cursor: str, limit: int, now: float
) -> Partitions:
    """One page; its cursor is the last partition on it."""
    rows = connection.execute(_WAITING, (container, what, cursor, now, limit + 1)).fetchall()
    found = tuple(partition for (partition,) in rows[:limit])
    return Partitions(found, found[-1] if len(rows) > limit else None)


def everywhere(
    connection: sqlite3.Connection, container: str, id: str, cursor: str, limit: int, now: float
) -> Page:
    """One page; its cursor is the last partition on it."""
    rows = connection.execute(_EVERYWHERE, (container, cursor, id, now, limit + 1)).fetchall()
    documents = tuple(_document(row[:3]) for row in rows[:limit])
    return Page(documents, rows[limit - 1][3] if len(rows) > limit else None)


def _document(row: tuple[str, str, str]) -> Document:
    return Document(row[0], json.loads(row[1]), ETag(row[2]))


def _after_all(prefix: str) -> str | None:
    """The least text that is greater than all that start with `prefix`; None if there is none."""
    head = prefix.rstrip(_LAST)
    if not head:
        return None
    following = ord(head[-1]) + 1
    return head[:-1] + chr(0xE000 if following == 0xD800 else following)
