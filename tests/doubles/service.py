"""A Service that answers from a table, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from approvals.principals import Principal, PrincipalId, Role
from orchestration.cards.model import Card
from orchestration.errors import UserError
from orchestration.identity import EmailIdentity, Identity
from orchestration.listing import Summary, waiting_for
from orchestration.messages import Inbound, ThreadId
from orchestration.ports import DeploymentId
from orchestration.surface import Surface

Answer = Callable[["FakeService", Inbound], Awaitable[None]]


@dataclass
class FakeService:
    """Speaks through `surface` after `receive` has returned, as the real one does."""

    surface: Surface
    answer: Answer
    received: list[Inbound] = field(default_factory=list)
    waiting: list[asyncio.Task[None]] = field(default_factory=list)
    cards: dict[str, Card] = field(default_factory=dict)
    listed: tuple[Summary, ...] = ()
    states: dict[ThreadId, tuple[str, ...]] = field(default_factory=dict)
    shows: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    async def receive(self, event: Inbound) -> None:
        self.received.append(event)
        self.waiting.append(asyncio.create_task(self._answered(event)))

    async def _answered(self, event: Inbound) -> None:
        await self.answer(self, event)

    async def settled(self, thread: ThreadId) -> None:
        while self.waiting:
            await self.waiting.pop(0)

    async def state(self, thread: ThreadId) -> tuple[str, ...]:
        return self.states.get(thread, ())

    async def knows(self, thread: ThreadId) -> bool:
        return any(event.thread == thread for event in self.received)

    async def card(self, id: str) -> Card:
        if id not in self.cards:
            raise UserError(f"there is no card {id!r}")
        return self.cards[id]

    async def summaries(self, limit: int = 100) -> tuple[Summary, ...]:
        return self.listed[:limit]

    async def waiting_for(self, person: PrincipalId) -> tuple[Summary, ...]:
        return waiting_for(self.listed, person)

    async def thread_of(self, deployment: DeploymentId) -> ThreadId | None:
        return next((one.thread for one in self.listed if one.id == deployment), None)

    async def show(self, thread: ThreadId, what: str) -> Mapping[str, Any]:
        if what not in self.shows:
            raise UserError(f"There is no {what} in {thread}.")
        return self.shows[what]

    def enters(self, thread: ThreadId, *states: str) -> None:
        self.states[thread] = (*self.states.get(thread, ()), *states)


class FakeInside:
    """Opens the same FakeService each time, and counts how often."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.starts = 0
        self.service: FakeService | None = None

    @asynccontextmanager
    async def __call__(self, surface: Surface) -> AsyncIterator[FakeService]:
        self.starts += 1
        self.service = self.service or FakeService(surface, self.answer)
        yield self.service


class FakeDirectory:
    """The people shipped with the sandbox."""

    def __init__(self) -> None:
        roles = {
            "ana": Role.ENGINEER,
            "lena": Role.LEAD,
            "mia": Role.FINANCE,
            "omar": Role.PLATFORM,
            "vic": Role.VIEWER,
        }
        self._people = [Principal(PrincipalId(n), n, frozenset({r})) for n, r in roles.items()]

    async def get(self, id: PrincipalId) -> Principal | None:
        return next((p for p in self._people if p.id == id), None)

    async def identified(self, identity: Identity) -> Principal | None:
        address = identity.address if isinstance(identity, EmailIdentity) else ""
        return await self.named(address.partition("@")[0])

    async def identities(self, id: PrincipalId) -> tuple[Identity, ...]:
        return (EmailIdentity(f"{id}@contoso.example"),)

    async def named(self, name: str) -> Principal | None:
        return next((p for p in self._people if p.name == name), None)

    async def with_roles(self, roles: frozenset[Role]) -> tuple[Principal, ...]:
        return tuple(p for p in self._people if p.roles & roles)
