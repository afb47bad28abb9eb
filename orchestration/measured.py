"""Around the inside: what comes in from a surface and what goes out to it, timed and traced."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, cast, get_args

from opentelemetry.trace import SpanKind

from approvals.principals import PrincipalId
from orchestration import measures, tracing
from orchestration.cards.model import Card
from orchestration.correlation import correlated
from orchestration.listing import Summary
from orchestration.messages import Inbound, Notice, Reply, ThreadId
from orchestration.ports import DeploymentId
from orchestration.service import Service
from orchestration.submission import subject_of
from orchestration.surface import MessageId, Surface


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that is being answered: what was asked for and when, in ns since the epoch."""

    method: str
    route: str
    at_ns: int


_arrival: ContextVar[Arrival | None] = ContextVar("arrival", default=None)


@contextmanager
def arriving(arrival: Arrival) -> Iterator[None]:
    """What is received inside has come by this request."""
    token = _arrival.set(arrival)
    try:
        yield
    finally:
        _arrival.reset(token)


def surface_of(thread: ThreadId) -> str:
    """`teams` of `teams:<tenant>/<conversation>`; threads of a terminal have names of their own."""
    scheme, colon, _ = thread.partition(":")
    return scheme if colon else "terminal"


def _acknowledged(
    surface: str, arrival: Arrival | None, outcome: measures.Outcome, seconds: float
) -> None:
    """The request began before the event was read out of it."""
    since_arrival = (time.time_ns() - arrival.at_ns) / 1e9 if arrival else seconds
    measures.acknowledged(surface, outcome, max(seconds, since_arrival))
    if outcome in get_args(measures.FailureKind):
        measures.failed(cast(measures.FailureKind, outcome), "receive")


class MeasuredService:
    """`service.Service` by way of another one."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def receive(self, event: Inbound) -> None:
        arrival, surface = _arrival.get(), surface_of(event.thread)
        with (
            correlated(event.event),
            tracing.about(
                subject_of(event),
                f"{arrival.method} {arrival.route}" if arrival else f"receive {surface}",
                kind=SpanKind.SERVER,
                started_ns=arrival.at_ns if arrival else None,
                surface=surface,
            ),
            measures.timing(partial(_acknowledged, surface, arrival)),
        ):
            await self._service.receive(event)

    async def settled(self, thread: ThreadId) -> None:
        await self._service.settled(thread)

    async def state(self, thread: ThreadId) -> tuple[str, ...]:
        return await self._service.state(thread)

    async def knows(self, thread: ThreadId) -> bool:
        return await self._service.knows(thread)

    async def card(self, id: str) -> Card:
        return await self._service.card(id)

    async def summaries(self, limit: int = 100) -> tuple[Summary, ...]:
        return await self._service.summaries(limit)

    async def waiting_for(self, person: PrincipalId) -> tuple[Summary, ...]:
        return await self._service.waiting_for(person)

    async def thread_of(self, deployment: DeploymentId) -> ThreadId | None:
        return await self._service.thread_of(deployment)

    async def show(self, thread: ThreadId, what: str) -> Mapping[str, Any]:
        return await self._service.show(thread, what)


class MeasuredSurface:
    """`surface.Surface` by way of another one."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    async def say(self, thread: ThreadId, reply: Reply, *, key: str) -> None:
        with _sending(thread, "reply"):
            await self._surface.say(thread, reply, key=key)

    async def notify(self, thread: ThreadId, notice: Notice, *, key: str) -> None:
        with _sending(thread, "notice"):
            await self._surface.notify(thread, notice, key=key)

    async def post(self, thread: ThreadId, card: Card, *, key: str) -> MessageId:
        with _sending(thread, "card"):
            return await self._surface.post(thread, card, key=key)

    async def update(self, thread: ThreadId, message: MessageId, card: Card) -> None:
        with _sending(thread, "update"):
            await self._surface.update(thread, message, card)

    async def sent(self, thread: ThreadId, key: str, *, notice: bool = False) -> MessageId | None:
        with _sending(thread, "look"):
            return await self._surface.sent(thread, key, notice=notice)

    def card_interval_s(self, thread: ThreadId) -> float:
        return self._surface.card_interval_s(thread)


@contextmanager
def _sending(thread: ThreadId, kind: str) -> Iterator[None]:
    with measures.timing(partial(measures.message_sent, surface_of(thread), kind)):
        yield
