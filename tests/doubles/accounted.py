"""The whole inside on Cosmos DB's double, which says what every message and click costs.

The planner is the embedded one, the people are real, the cloud is in memory; the clock goes on by a
minute before each event.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from time import perf_counter

from approvals.organisation import shipped
from approvals.principals import PrincipalId
from benchmarks.counting import CountingStore, Tally, charge, counted
from bot.doctor.cosmos import CONTAINERS
from bot.parts import Parts
from bot.settings import Settings
from bot.wiring import connected
from capabilities.registry import catalogue
from orchestration.adapters.cosmos import open_store
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.gating import shown
from orchestration.heads import Heads
from orchestration.messages import Clicked, EventId, Inbound, Reply, Said, ThreadId
from orchestration.ports import DeploymentId, Store
from orchestration.service import Service
from orchestration.sessions import Session
from tests.clock import FakeClock
from tests.doubles.house import ORGANISATION, House, house_over
from tests.doubles.surface import FakeSurface
from tests.far.cosmos.account import KEY
from tests.far.cosmos.double import CosmosDouble, cosmos_double

DATABASE = "signoff"


class Unhurried(FakeSurface):
    """Where a card may be updated at any time, and it is known when something was last shown."""

    shown_s = 0.0

    def card_interval_s(self, thread: ThreadId) -> float:
        self.shown_s = perf_counter()
        return 0.0

    async def say(self, thread: ThreadId, reply: Reply, *, key: str) -> None:
        await super().say(thread, reply, key=key)
        self.shown_s = perf_counter()


@dataclass
class Accounted:
    home: House
    service: Service
    surface: Unhurried
    received_ms: float = 0.0
    """How long the last event took until it was stored; for a decision, until it was recorded."""
    spoken_ms: float = 0.0
    """And until the last word or card of its answer."""
    numbers: Callable[[], int] = field(default_factory=lambda: count(1).__next__)

    async def says(self, text: str, *, by: str = "ana", thread: str = "infra") -> Tally:
        now = self._later()
        said = Said(self._event(), ThreadId(thread), PrincipalId(by), text, now)
        return await self._costs(said)

    async def clicks(
        self, verb: str, *, by: str = "ana", thread: str = "infra", reason: str = "", **data: str
    ) -> Tally:
        now, inputs = self._later(), {"reason": reason} if reason else {}
        about = ThreadId(thread), PrincipalId(by), verb, now, data, inputs
        return await self._costs(Clicked(self._event(), *about))

    async def decides(self, verb: str, by: str, id: DeploymentId, reason: str = "") -> Tally:
        """A click on the card as it is."""
        deployment = await self.home.get(id)
        seen = shown(deployment, deployment.steps)
        return await self.clicks(verb, by=by, reason=reason, deployment=id, step="*", shown=seen)

    async def session(self, thread: str = "infra") -> Session:
        return await Heads(self.home.store, self.home.clock, "test").session(ThreadId(thread))

    async def submits(self, ask: str, thread: str = "infra") -> DeploymentId:
        """A deployment that waits for sign-off, with all that was to be said spoken."""
        await self.says(ask, thread=thread)
        key = (await self.session(thread)).draft_key
        await self.clicks("submit", thread=thread, draft=key)
        id = (await self.session(thread)).deployment
        assert id, self.surface.said
        await self.works(id)
        return id

    async def works(self, id: DeploymentId) -> Tally:
        """All that a worker can do, and what comes of it is spoken."""
        tally = Tally()
        with counted(tally):
            await self.home.worker().run(id)
        self._later()
        await self.service.settled((await self.home.get(id)).thread)
        return tally

    async def _costs(self, event: Inbound) -> Tally:
        tally, start = Tally(), perf_counter()
        with counted(tally):
            await self.service.receive(event)
        self.received_ms = (perf_counter() - start) * 1000
        await self.service.settled(event.thread)
        self.spoken_ms = (self.surface.shown_s - start) * 1000
        return tally

    def _later(self) -> datetime:
        self.home.clock.advance(60)
        return self.home.clock.now()

    def _event(self) -> EventId:
        return EventId(f"accounted-{self.numbers()}")


@asynccontextmanager
async def accounted(
    folder: Path, fill: Callable[[CosmosDouble], None] = lambda _: None
) -> AsyncIterator[Accounted]:
    """`fill` may put something into the account before it is opened."""
    clock = FakeClock()
    async with AsyncExitStack() as stack:
        double = await stack.enter_async_context(
            cosmos_double(clock, consistency="BoundedStaleness")
        )
        double.account.make(DATABASE, *CONTAINERS)
        fill(double)
        opened = await stack.enter_async_context(
            open_store(double.url, DATABASE, KEY, on_call=charge)
        )
        async with living(folder, opened, clock) as one:
            yield one


@asynccontextmanager
async def living(folder: Path, store: Store, clock: FakeClock) -> AsyncIterator[Accounted]:
    """Over any store."""
    counting = CountingStore(store)
    home = house_over(counting, folder, clock)
    parts = Parts(
        clock,
        counting,
        home.artifacts,
        home.people,
        SnapshotPrices.load(),
        catalogue(),
        shipped(),
    )
    settings = Settings(store=folder, organisation=ORGANISATION, prices_live=False)
    surface = Unhurried()
    async with connected(settings, parts, home.engine, surface) as service:
        one = Accounted(home, service, surface)
        await one.says("hi", thread="warm-up")
        yield one
        await asyncio.sleep(0)
