"""For what a process does again and again as long as it runs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from orchestration.errors import TemporaryError

_log = logging.getLogger(__name__)


@contextmanager
def going_on(doing: str) -> Iterator[None]:
    """Around one time: whatever happens is logged, and the next time comes. Nobody would start
    anew what ends by itself."""
    try:
        yield
    except TemporaryError:
        _log.warning("postponed", extra={"fields": {"doing": doing}}, exc_info=True)
    except Exception:
        _log.exception("failed", extra={"fields": {"doing": doing}})
