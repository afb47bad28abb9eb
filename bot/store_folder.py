"""The folder that everything is kept in, where a process cannot use it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.errors import UserError


@contextmanager
def using(store: Path) -> Iterator[None]:
    """Raises: UserError - in place of the system's own errors."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise UserError(
            f"The store folder {store} cannot be used: {why}. Choose another with --store DIR."
        ) from error
