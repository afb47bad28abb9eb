"""The file: its tables, how it is opened, and what SQLite's errors mean to us."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from orchestration.errors import PermanentError, TemporaryError

VERSION = 2
BUSY_TIMEOUT_S = 5.0

_TABLES = """
CREATE TABLE documents (
    container TEXT NOT NULL, partition TEXT NOT NULL, id TEXT NOT NULL,
    etag TEXT NOT NULL, body TEXT NOT NULL, expires REAL, operation TEXT NOT NULL,
    waits TEXT NOT NULL,
    PRIMARY KEY (container, partition, id)
) WITHOUT ROWID;
CREATE INDEX documents_expiry ON documents (expires) WHERE expires IS NOT NULL;
CREATE INDEX documents_waiting ON documents (container, waits, partition) WHERE waits <> '';
CREATE TABLE sequence (only INTEGER PRIMARY KEY CHECK (only = 1), last INTEGER);
INSERT INTO sequence VALUES (1, 0);
"""

_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_INTERRUPT,
}
"""A later attempt can succeed; after SQLITE_IOERR on commit, nobody knows what happened."""


def translated(doing: str, error: sqlite3.Error) -> TemporaryError | PermanentError:
    """The error of ours for one of SQLite's; extended result codes count as their primary one."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _PASSING:
        return TemporaryError(f"{doing}: {error}", retry_after_s=1.0)
    return PermanentError(f"{doing}: {error}; check the file, or restore it from a backup")


@contextmanager
def translating(doing: str) -> Iterator[None]:
    """Raises: TemporaryError, PermanentError - in place of SQLite's own errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise translated(doing, error) from error


def connect(path: Path) -> sqlite3.Connection:
    """A connection for one thread at a time; commits reach the disk before they return."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_S
    )
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection


def prepare(path: Path) -> None:
    """Make the file, readable by its owner only, and its tables.

    Raises: PermanentError - it cannot be written, is no SQLite file, or belongs to a newer version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise PermanentError(f"opening the store {str(path)!r}: {error}") from error
    with translating(f"opening the store {str(path)!r}"):
        connection = connect(path)
        try:
            _use_wal(connection)
            _create_tables(connection, path)
        finally:
            connection.close()


def _use_wal(connection: sqlite3.Connection) -> None:
    """Several processes may do this at once, and SQLite's own busy timeout does not cover it."""
    deadline = monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
            sleep(0.02)
    if mode != "wal":
        raise PermanentError(f"the store cannot use a write-ahead log ({mode}); use a local disk")


def _create_tables(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        _check_version(version, path)
        if version == 0:
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={VERSION}")
    finally:
        connection.execute("COMMIT")


def _check_version(version: int, path: Path) -> None:
    if 0 < version < VERSION:
        raise PermanentError(
            f"opening the store {str(path)!r}: made by an earlier Signoff (format {version}, "
            f"this one needs {VERSION}); start with another store folder"
        )
    if version > VERSION:
        raise PermanentError(
            f"opening the store {str(path)!r}: made by a newer Signoff (format {version}, "
            f"this one knows {VERSION}); start that one instead"
        )
