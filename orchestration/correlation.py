"""One id on everything that is logged because of one event."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_correlation: ContextVar[str] = ContextVar("correlation", default="")


@contextmanager
def correlated(id: str) -> Iterator[None]:
    """Everything logged inside, in this task and those it starts, carries the id."""
    token = _correlation.set(id)
    try:
        yield
    finally:
        _correlation.reset(token)


def correlation() -> str:
    """The id; empty outside of `correlated`."""
    return _correlation.get()
