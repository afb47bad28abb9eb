"""The embedded store: one SQLite file, safe across processes and kill -9."""

from orchestration.adapters.sqlite.copying import copied
from orchestration.adapters.sqlite.store import SqliteStore, open_store

__all__ = ["SqliteStore", "copied", "open_store"]
