"""A speaker with something to say, and a deployment whose card says the state it is in."""

import asyncio
from uuid import uuid4

from orchestration import outbox
from orchestration.cards.model import Card
from orchestration.errors import PermanentError
from orchestration.messages import ThreadId
from orchestration.outbox import CardRef, Entry, Message
from orchestration.places import Place, claimed
from orchestration.ports import Store
from orchestration.speaker import Speaker
from orchestration.surface import MessageId
from tests.clock import FakeClock
from tests.doubles.flaky import FlakyStore
from tests.doubles.surface import FakeSurface

THREAD = ThreadId("t")
PLACE = Place("deployments", "d-1")
THREADS_PLACE = Place("threads", THREAD)
CARD = CardRef("deployment", "d-1")


class World:
    """A deployment that a thread looks at: its card says the state it is in when it is drawn."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store = FlakyStore(store)
        self.clock = clock
        self.surface = FakeSurface()
        self.state = "planned"
        self.order = 0
        self.slept: list[float] = []
        self.versions: list[int | None] = []
        self.speaker = self.restart()

    def restart(self, name: str = "us") -> Speaker:
        self.speaker = Speaker(self.store, self.surface, self.render, self.clock, name)
        return self.speaker

    async def render(self, ref: CardRef, version: int | None = None) -> Card:
        self.versions.append(version)
        if ref.key == "gone":
            raise PermanentError("there is no such deployment")
        return Card(ref.id, ref.kind, lead=f"{ref.key} {self.state}", title="")

    async def put(self, *messages: Message, place: Place = PLACE, by: str = "us") -> Entry:
        self.order += 1
        claim = claimed(by, self.clock.now())
        write = outbox.entry_write(THREAD, messages, order=self.order, claim=claim)
        operation = f"{self.order}"
        (etag,) = await self.store.batch(
            place.container, place.partition, [write], operation=operation
        )
        return outbox.entry_of(write, etag)

    async def changes_while_shown(self, state: str, place: Place) -> None:
        """The card is asked for in that place, and what it shows changes while it is on its way."""
        update = self.surface.update

        async def late(thread: ThreadId, message: MessageId, card: Card) -> None:
            self.surface.update = update  # type: ignore[method-assign]
            self.state = state
            await update(thread, message, card)

        self.surface.update = late  # type: ignore[method-assign]
        claim = claimed("us", self.clock.now())
        latest = [outbox.latest_write(THREAD, CARD, claim)]
        await self.store.batch(place.container, place.partition, latest, operation=uuid4().hex)
        await self.speaker.speak(place)
        self.clock.advance(5)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)
        self.clock.advance(seconds)

    async def waiting(self) -> int:
        return len(await outbox.pending(self.store, PLACE))
