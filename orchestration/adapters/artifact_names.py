"""Which names artifacts may have, wherever they are kept: `a/b/c`, plain, in 512 characters."""

import re

from orchestration.errors import PermanentError

MAX_NAME_CHARACTERS = 512
_PART = r"[A-Za-z0-9_-](?:[A-Za-z0-9._@:+-]{0,198}[A-Za-z0-9_@:+-])?"
_NAME = re.compile(rf"{_PART}(?:/{_PART})*")


def checked(name: str) -> str:
    """Raises: PermanentError - it could lead elsewhere, or is not the same everywhere."""
    if len(name) > MAX_NAME_CHARACTERS or not _NAME.fullmatch(name):
        raise PermanentError(f"not a name for an artifact: {name!r}; use a/b/c")
    return name
