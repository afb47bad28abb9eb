"""Structured logs: one JSON object per line in the store folder, never in the chat.

    log.info("job_finished", extra={"fields": {"deployment": id, "took_s": 1.2}})

The event name is constant, the data is in fields, and `correlated` adds one id to all of them.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_FILE = "signoff.log"
_MAX_BYTES = 10_000_000
_KEPT = 3

_correlation: ContextVar[str | None] = ContextVar("correlation", default=None)


@contextmanager
def correlated(id: str) -> Iterator[None]:
    """Everything logged inside, in this task and those it starts, carries the id."""
    token = _correlation.set(id)
    try:
        yield
    finally:
        _correlation.reset(token)


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            "pid": record.process,
        }
        if correlation := _correlation.get():
            entry["correlation"] = correlation
        entry |= getattr(record, "fields", {})
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


@contextmanager
def logging_to(folder: Path, level: str) -> Iterator[None]:
    """Log to `signoff.log` in the folder, and nowhere else, until left."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = RotatingFileHandler(
        folder / LOG_FILE, maxBytes=_MAX_BYTES, backupCount=_KEPT, encoding="utf-8"
    )
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    before, before_level = root.handlers[:], root.level
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    try:
        yield
    finally:
        root.handlers[:] = before
        root.setLevel(before_level)
        handler.close()
