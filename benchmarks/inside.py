"""The chat's own half of Signoff in this process: all is real but the surface and the engine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import perf_counter

from approvals.principals import PrincipalId
from benchmarks.counting import CountingStore
from bot.parts import Parts, opened
from bot.settings import Settings
from bot.wiring import connected
from orchestration.cards.model import Card
from orchestration.messages import Clicked, EventId, Notice, Reply, Said, ThreadId
from orchestration.ports import DeploymentId
from orchestration.surface import MessageId
from orchestration.threads import Threads

CARD_INTERVAL_S = 1.0
_EVENTS = count(1)


class Ear:
    """`surface.Surface` that notes when a thread last heard something."""

    def __init__(self) -> None:
        self.heard: dict[ThreadId, float] = {}
        self._posted = count(1)
        self._waiting: dict[ThreadId, asyncio.Future[None]] = {}

    async def word(self, thread: ThreadId) -> None:
        """The next thing said in the thread."""
        self._waiting[thread] = asyncio.get_running_loop().create_future()
        await self._waiting[thread]

    async def say(self, thread: ThreadId, reply: Reply, *, key: str) -> None:
        self._hear(thread)

    async def notify(self, thread: ThreadId, notice: Notice, *, key: str) -> None:
        """Nobody listens to channels."""

    async def post(self, thread: ThreadId, card: Card, *, key: str) -> MessageId:
        self._hear(thread)
        return MessageId(f"m{next(self._posted)}")

    async def update(self, thread: ThreadId, message: MessageId, card: Card) -> None:
        self._hear(thread)

    async def sent(self, thread: ThreadId, key: str, *, notice: bool = False) -> MessageId | None:
        return None

    def card_interval_s(self, thread: ThreadId) -> float:
        return CARD_INTERVAL_S

    def _hear(self, thread: ThreadId) -> None:
        self.heard[thread] = perf_counter()
        if (waiting := self._waiting.pop(thread, None)) and not waiting.done():
            waiting.set_result(None)


class QuietEngine:
    """`ports.Engine` that nobody works for."""

    async def nudge(self, deployment: DeploymentId) -> None:
        """Nothing has to happen."""


@dataclass(frozen=True, slots=True)
class Inside:
    settings: Settings
    threads: Threads
    parts: Parts
    ear: Ear


@asynccontextmanager
async def inside(folder: Path) -> AsyncIterator[Inside]:
    settings = Settings(store=folder, prices_live=False)
    async with opened(settings) as made:
        ear = Ear()
        parts = replace(made, store=CountingStore(made.store))
        async with connected(settings, parts, QuietEngine(), ear) as threads:
            yield Inside(settings, threads, parts, ear)


def said(thread: str, by: str, text: str) -> Said:
    return Said(_event(), ThreadId(thread), PrincipalId(by), text, datetime.now(UTC))


def clicked(thread: str, by: str, verb: str, **data: str) -> Clicked:
    thread_id, person = ThreadId(thread), PrincipalId(by)
    return Clicked(_event(), thread_id, person, verb, datetime.now(UTC), data)


def _event() -> EventId:
    return EventId(f"bench-{next(_EVENTS)}")
