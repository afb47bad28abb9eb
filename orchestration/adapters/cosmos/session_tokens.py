"""How far this process has written in each partition, for reads that need no more than that.

Source: Azure Cosmos DB, "Consistency levels": under Session a read with a token sees everything up
to the write that gave it, and costs half of one under BoundedStaleness; a request may ask for less
than the account's level. A token is `<physical partition>:<version>#<log sequence number>`, and
where the account has several regions `#<region>=<number>` for each of them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeAlias

from orchestration.recent import Recent

_TOKEN = re.compile(r"\w+:-?\d+#(\d+)(#\d+=-?\d+)*")
_Place: TypeAlias = tuple[str, str]


class SessionTokens:
    def __init__(self) -> None:
        self._recent: Recent[_Place, str] = Recent()
        self._lost: Recent[_Place, int] = Recent()
        self._begun = count()

    @contextmanager
    def writing(
        self, container: str, partition: str
    ) -> Iterator[Callable[[Mapping[str, str]], None]]:
        """Gives what takes the headers of the write's answer. The token of the newest write counts,
        in whatever order answers come; after one without an answer, only that of a write which
        began after that was known."""
        heard: dict[str, str] = {}
        place, begun = (container, partition), next(self._begun)
        try:
            yield heard.update
        finally:
            token = heard.get("x-ms-session-token", "")
            if not (found := _TOKEN.fullmatch(token)):
                self.forget(container, partition)
            elif (self._lost.get(place, 0) or 0) <= begun:
                self._recent.put(place, int(found[1]), token)

    def forget(self, container: str, partition: str) -> None:
        """It is not known how far this process has written there, or no replica has come so far."""
        place, now = (container, partition), next(self._begun)
        self._recent.forget(place)
        self._lost.put(place, now, now)

    def options(self, container: str, partition: str) -> Mapping[str, Any]:
        """What the SDK takes for a query that sees what this process has written there; nothing,
        for the account's own level, where that is not known."""
        token = self._recent.get((container, partition), 0)
        if token is None:
            return {}
        return {"session_token": token, "feed_options": {"consistencyLevel": "Session"}}
