"""How a process without a surface has what it stores spoken: it is given to one that has one.

Every process that speaks says in the store that it is there. Another one gives what it stores to
one of them, always the same for a place while that is there, and tells it through the store. What
a crash keeps from being told is found by `Delivery.resume`, which looks everywhere and is therefore
called rarely.
"""

import asyncio
import hashlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from orchestration.document_ids import document_id
from orchestration.errors import SignoffError
from orchestration.outbox import Entry
from orchestration.places import Claim, Place, claimed
from orchestration.ports import Clock, ETag, Put, Store

CONTAINER = "news"
THERE_EVERY_S = 5.0
_SPEAKERS = "speakers"
_THERE_S = 15
"""After how long without a word a speaker counts as gone."""
_KEPT_S = 60
"""Far longer than the pause between two looks."""
_NOBODY = Claim("", datetime.min.replace(tzinfo=UTC))


class News:
    """What one process, `speaker`, is told by others."""

    def __init__(self, store: Store, speaker: str) -> None:
        self._store = store
        self._speaker = speaker
        self._heard: dict[str, ETag] = {}

    async def there(self) -> None:
        """Say that the speaker is there; for `_THERE_S`."""
        await _put(self._store, _SPEAKERS, document_id(self._speaker), {"name": self._speaker})

    async def gone(self) -> None:
        """Say that it is going: nothing more is given to it."""
        await _put(self._store, _SPEAKERS, document_id(self._speaker), {"name": ""})

    async def heard(self) -> list[Place]:
        """The places that were told of since this was last called."""
        page = await self._store.find(CONTAINER, f"to:{self._speaker}", limit=1000)
        new = [one for one in page.documents if self._heard.get(one.id) != one.etag]
        self._heard = {one.id: one.etag for one in page.documents}
        return [Place(one.body["container"], one.body["partition"]) for one in new]


class OthersVoice:
    """`outbox.Voice` of a process that speaks through others."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._speakers: tuple[str, ...] = ()
        self._known_until = datetime.min.replace(tzinfo=UTC)
        self._telling: set[asyncio.Task[None]] = set()

    async def claim(self, place: Place) -> Claim:
        """One of those that are there; nobody if there is none."""
        now = self._clock.now()
        if now >= self._known_until:
            page = await self._store.find(CONTAINER, _SPEAKERS, limit=1000)
            self._speakers = tuple(one.body["name"] for one in page.documents if one.body["name"])
            self._known_until = now + timedelta(seconds=THERE_EVERY_S)
        if not self._speakers:
            return _NOBODY
        return claimed(max(self._speakers, key=lambda name: _weight(place, name)), now)

    def tell(self, place: Place, entry: Entry, *, alone: bool) -> None:
        """In a task: nobody waits for it."""
        if entry.claim.speaker:
            task = asyncio.create_task(self._tell(place, entry.claim.speaker), name=f"tell {place}")
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _tell(self, place: Place, speaker: str) -> None:
        body = {"container": place.container, "partition": place.partition}
        name = document_id(f"{place.container}/{place.partition}")
        with suppress(SignoffError):  # whoever looks everywhere finds it later
            await _put(self._store, f"to:{speaker}", name, body, ttl_s=_KEPT_S)


def _weight(place: Place, name: str) -> bytes:
    """Of speakers that come and go, the heaviest stays the same for most places.

    Source: rendezvous hashing, Thaler and Ravishankar, 1998.
    """
    return hashlib.sha256(f"{name}\n{place.container}\n{place.partition}".encode()).digest()


async def _put(
    store: Store, partition: str, id: str, body: dict[str, str], *, ttl_s: int = _THERE_S
) -> None:
    await store.batch(CONTAINER, partition, [Put(id, body, ttl_s)], operation=uuid4().hex)
