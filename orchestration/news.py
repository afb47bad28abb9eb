"""Where another process has left something to say, told through the store and found at a glance.

A place is told of after the batch that left something there. What a crash keeps from being told is
found by `Delivery.resume`, which looks at every place and is therefore called rarely.
"""

import asyncio
from contextlib import suppress
from uuid import uuid4

from orchestration.backlog import CONTAINER, Place
from orchestration.document_ids import document_id
from orchestration.errors import SignoffError
from orchestration.ports import ETag, Put, Store

_PARTITION = "news"
_KEPT_S = 60
"""Far longer than the pause between two looks."""


class News:
    """One process tells, another one hears; neither waits for the other."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heard: dict[str, ETag] = {}
        self._telling: set[asyncio.Task[None]] = set()

    def tell(self, place: Place) -> None:
        """Tell of a place soon, in a task."""
        task = asyncio.create_task(self._tell(place), name=f"tell {place}")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def heard(self) -> list[Place]:
        """The places that were told of since this was last called."""
        page = await self._store.find(CONTAINER, _PARTITION, limit=1000)
        new = [one for one in page.documents if self._heard.get(one.id) != one.etag]
        self._heard = {one.id: one.etag for one in page.documents}
        return [Place(one.body["container"], one.body["partition"]) for one in new]

    async def _tell(self, place: Place) -> None:
        body = {"container": place.container, "partition": place.partition}
        name = document_id(f"{place.container}/{place.partition}")
        with suppress(SignoffError):  # whoever looks everywhere finds it later
            writes = [Put(name, body, ttl_s=_KEPT_S)]
            await self._store.batch(CONTAINER, _PARTITION, writes, operation=uuid4().hex)
