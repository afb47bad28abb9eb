"""How far this process has written in each partition, for reads that need no more than that.

Source: Azure Cosmos DB, "Consistency levels": under Session a read with a token sees everything up
to the write that gave it, and costs half of one under BoundedStaleness; a request may ask for less
than the account's level. A token is `<physical partition>:<version>#<log sequence number>`, and
where the account has several regions `#<region>=<number>` for each of them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from orchestration.recent import Recent

_TOKEN = re.compile(r"\w+:-?\d+#(\d+)(#\d+=-?\d+)*")


class SessionTokens:
    def __init__(self) -> None:
        self._recent: Recent[tuple[str, str], str] = Recent()

    @contextmanager
    def writing(
        self, container: str, partition: str
    ) -> Iterator[Callable[[Mapping[str, str]], None]]:
        """Gives what takes the headers of the write's answer. The token of the newest write counts,
        in whatever order answers come; after one without an answer that is not known, so none."""
        heard: dict[str, str] = {}
        try:
            yield heard.update
        finally:
            place, token = (container, partition), heard.get("x-ms-session-token", "")
            if found := _TOKEN.fullmatch(token):
                self._recent.put(place, int(found[1]), token)
            else:
                self._recent.forget(place)

    def options(self, container: str, partition: str) -> Mapping[str, Any]:
        """What the SDK takes for a query that sees what this process has written there; nothing,
        for the account's own level, where that is not known."""
        token = self._recent.get((container, partition), 0)
        if token is None:
            return {}
        return {"session_token": token, "feed_options": {"consistencyLevel": "Session"}}
