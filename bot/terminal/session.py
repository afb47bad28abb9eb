"""The people at this terminal, speaking and clicking in threads of a running Signoff."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from approvals.principals import Principal
from bot.terminal.board import CHOICES, Board, Target
from bot.terminal.lines import Press, Say
from bot.terminal.people import People
from orchestration.errors import UserError
from orchestration.messages import Clicked, EventId, Inbound, Said, ThreadId
from orchestration.service import Service
from orchestration.surface import Surface

OpenService: TypeAlias = Callable[[Surface], AbstractAsyncContextManager[Service]]
"""Starts everything inside and stops it again; `bot.wiring.wired` with its settings given."""

DEFAULT_THREAD = ThreadId("infra")


OpenSandbox: TypeAlias = Callable[[Sequence[str]], Sequence[str]]
"""Does what `signoff sandbox` does, and gives the lines it would print. Raises: UserError."""


class Inside:
    """The running Signoff, which can be stopped and started while the terminal stays."""

    def __init__(self, open_service: OpenService, surface: Surface, sandbox: OpenSandbox) -> None:
        self.sandbox = sandbox
        self._open = open_service
        self._surface = surface
        self._stack = AsyncExitStack()
        self._service: Service | None = None

    async def __aenter__(self) -> "Inside":
        self._service = await self._stack.enter_async_context(self._open(self._surface))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._service = None
        await self._stack.aclose()

    async def restart(self) -> None:
        await self.__aexit__()
        await self.__aenter__()

    @property
    def service(self) -> Service:
        assert self._service is not None, "used before it was started"
        return self._service


@dataclass(frozen=True, slots=True)
class Sources:
    """Where times and ids come from."""

    now: Callable[[], datetime]
    new_id: Callable[[], str]


class Session:
    """Who speaks now, and where. `strict`: an unknown name is refused, never taken for text."""

    def __init__(
        self, inside: Inside, board: Board, people: People, sources: Sources, *, strict: bool
    ) -> None:
        self.inside = inside
        self.board = board
        self.people = people
        self.speaker: Principal = next(iter(people))
        self.thread = DEFAULT_THREAD
        self._sources = sources
        self._strict = strict

    def person(self, name: str | None) -> Principal:
        """Raises: UserError - there is nobody of that name."""
        return self.people.get(name) if name else self.speaker

    def understood(self, line: Say | Press) -> Say | Press:
        """The line, or its whole as words where `Thanks! ...` only looked like a name."""
        if self._strict or line.name is None or self.people.resembles(line.name):
            return line
        return Say(None, line.line, line.line)

    def said(self, line: Say) -> Said:
        """Raises: UserError."""
        by = self.person(line.name)
        if not line.text:
            raise UserError(
                f"{line.line!r} says nothing. Write the words after it: '{line.line} TEXT'."
            )
        return self._said(by, line.text)

    def target(self, line: Press) -> Target:
        """Raises: UserError - no such person, card or button."""
        return self.board.find(self.thread, line, self.person(line.name).id)

    def clicked(self, line: Press, target: Target) -> Inbound:
        """The click; a choice offered with a reply is said instead."""
        by = self.person(line.name)
        if target.card.kind == CHOICES:
            return self._said(by, target.button.label)
        filled = {field.name: field.value for field in target.button.inputs if field.value}
        return Clicked(
            event=EventId(self._sources.new_id()),
            thread=self.thread,
            by=by.id,
            verb=target.button.verb,
            at=self._sources.now(),
            data=dict(target.button.data),
            inputs=filled | dict(line.inputs),
        )

    async def send(self, event: Inbound) -> None:
        if isinstance(event, Said):
            self.board.answered(event.thread)
        await self.inside.service.receive(event)

    async def settled(self) -> None:
        await self.inside.service.settled(self.thread)

    def _said(self, by: Principal, text: str) -> Said:
        event = EventId(self._sources.new_id())
        return Said(event, self.thread, by.id, text, self._sources.now())


def with_inputs(line: Press, filled: dict[str, str]) -> Press:
    return replace(line, inputs=dict(line.inputs) | filled)
