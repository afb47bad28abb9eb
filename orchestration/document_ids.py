"""Document ids that every store accepts, from ids that are somebody else's."""

from hashlib import sha256
from urllib.parse import quote

_LONGEST = 200


def document_id(foreign: str) -> str:
    """The id with everything but letters, digits and `_.-~` percent-encoded; hashed when long.

    Source: Azure Cosmos DB, an id may not hold / \\ ? # and has at most 255 characters.
    """
    safe = quote(foreign, safe="")
    return safe if len(safe) <= _LONGEST else "sha256-" + sha256(foreign.encode()).hexdigest()
