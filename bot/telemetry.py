"""Structured logs: one JSON object per line in the store folder or on stdout, never in the chat.

    log.info("job_finished", extra={"fields": {"deployment": id, "took_s": 1.2}})

The event name is constant, the data is in fields; `correlated` adds one id to all of them, and
`tracing.about` the trace they belong to. What
looks like a secret is hidden, value by value: the line has to stay JSON.
"""

import json
import logging
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Literal, TypeAlias

from bot.store_folder import using
from orchestration.correlation import correlation
from orchestration.redaction import redact
from orchestration.tracing import trace_id

LOG_FILE = "signoff.log"
LogTo: TypeAlias = Literal["folder", "stdout"]
_CHATTY = ("semantic_kernel", "slack_bolt", "slack_sdk", "azure")
"""They tell every step, or what strangers sent, at a level that is ours for what matters."""
_MAX_BYTES = 10_000_000
_KEPT = 3


class JsonLines(logging.Formatter):
    def __init__(self, secrets: Collection[str] = ()) -> None:
        super().__init__()
        self._secrets = frozenset(secrets)

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            "pid": record.process,
        }
        if id := correlation():
            entry["correlation"] = id
        if trace := trace_id():
            entry["trace"] = trace
        entry |= getattr(record, "fields", {})
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(self._clean(entry), ensure_ascii=False)

    def _clean(self, value: Any, key: str = "") -> Any:
        """The value without secrets; its key says whether it is one."""
        match value:
            case None | bool() | int() | float():
                return value
            case Mapping():
                return {str(name): self._clean(one, str(name)) for name, one in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._clean(one, key) for one in value]
            case _:
                named = f"{key}="
                return redact(f"{named}{value}", self._secrets).removeprefix(named)


@contextmanager
def logging_to(
    folder: Path, level: str, secrets: Collection[str] = (), *, to: LogTo = "folder"
) -> Iterator[None]:
    """Log to `signoff.log` in the folder, or to stdout, and nowhere else, until left.

    Raises: UserError - the folder cannot be used.
    """
    with using(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _handler(folder, to)
    handler.setFormatter(JsonLines(secrets))
    root = logging.getLogger()
    before, before_level = root.handlers[:], root.level
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel("ERROR")
    try:
        yield
    finally:
        root.handlers[:] = before
        root.setLevel(before_level)
        handler.close()


def _handler(folder: Path, to: LogTo) -> logging.Handler:
    if to == "stdout":
        return logging.StreamHandler(sys.stdout)
    return RotatingFileHandler(
        folder / LOG_FILE, maxBytes=_MAX_BYTES, backupCount=_KEPT, encoding="utf-8"
    )
