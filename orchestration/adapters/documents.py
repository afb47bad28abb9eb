"""What every store accepts: the limits that hold on all of them, and documents as JSON text.

Source: Azure Cosmos DB service quotas, 100 operations and 2 MB a transactional batch, 2 MB an item,
255 characters an id, which may not hold / \\ ? #. A document stays at half of that, so that a batch
can hold its head and more.
"""

import json
import re
from collections.abc import Mapping, Sequence

from orchestration.errors import PermanentError
from orchestration.ports import Delete, Write

MAX_WRITES = 100
MAX_NAME_CHARACTERS = 255
MAX_DOCUMENT_BYTES = 1_000_000
MAX_BATCH_BYTES = 2_000_000
_ID = re.compile(r"[A-Za-z0-9\-._~:%@!+]{1,255}")


def check_names(*names: str) -> None:
    """Raises: PermanentError - a container, partition or operation that no store can keep."""
    for name in names:
        if not 1 <= len(name) <= MAX_NAME_CHARACTERS:
            raise PermanentError(f"a name must have 1-{MAX_NAME_CHARACTERS} characters: {name!r}")
        if not name.isascii() and any("\ud800" <= letter <= "\udfff" for letter in name):
            raise PermanentError(f"a name must be Unicode text: {name!r}")


def check_ids(*ids: str) -> None:
    """Raises: PermanentError - an id that no store can keep."""
    for id in ids:
        if not _ID.fullmatch(id):
            raise PermanentError(f"an id must be 1-255 letters, digits or -._~:%@!+, not {id!r}")


def encoded(place: str, writes: Sequence[Write]) -> tuple[str, ...]:
    """The JSON text of each write's body ("" for a delete); `place` is for the messages.

    Raises: PermanentError - a limit is passed, or a body is not JSON.
    """
    if not 1 <= len(writes) <= MAX_WRITES:
        raise PermanentError(f"writing {place}: {len(writes)} writes, 1 to {MAX_WRITES} can be")
    check_ids(*(write.id for write in writes))
    if len({write.id for write in writes}) < len(writes):
        raise PermanentError(f"writing {place}: two writes of one document")
    texts = tuple(_text(place, write) for write in writes)
    size = sum(len(text.encode()) for text in texts)
    if size > MAX_BATCH_BYTES:
        raise PermanentError(f"writing {place}: {size} bytes, at most {MAX_BATCH_BYTES}")
    return texts


def _text(place: str, write: Write) -> str:
    if isinstance(write, Delete):
        return ""
    where = f"writing {place}/{write.id}"
    try:
        text = json.dumps(
            write.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_mapping
        )
        size = len(text.encode())
    except (TypeError, ValueError) as error:
        raise PermanentError(f"{where}: the body is not JSON: {error}") from error
    if size > MAX_DOCUMENT_BYTES:
        raise PermanentError(f"{where}: {size} bytes, at most {MAX_DOCUMENT_BYTES}")
    return text


def _mapping(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__}: {value!r}")
