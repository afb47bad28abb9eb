"""A script played on a stage: the terminal's own player, with people at a far side's clients."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from approvals.principals import Principal, PrincipalId
from bot.server import serving
from bot.settings import Settings
from bot.terminal.board import CHOICES, Board, Target
from bot.terminal.command import sandbox
from bot.terminal.lines import Press, Say
from bot.terminal.people import everybody
from bot.terminal.script import Script
from bot.terminal.session import Inside, Session
from bot.terminal.start import SOURCES
from bot.wiring import directory
from orchestration.cards.model import Button, Card
from orchestration.errors import UserError
from orchestration.messages import ThreadId
from orchestration.service import Service
from tests.far.reading import Pressable, Reading
from tests.scenario.stage import Announced, Drawn, Stage, Words
from tests.scenario.transcript import Line, Transcript


@dataclass(frozen=True, slots=True)
class Speech:
    by: Principal
    text: str


@dataclass(frozen=True, slots=True)
class Touch:
    by: Principal
    message: str
    button: Pressable
    inputs: Mapping[str, str]


async def play_on(stage: Stage, lines: Sequence[str], store: Path, speed: float) -> Transcript:
    """Run the lines against the real server. Raises: LineFailed."""
    async with played(stage, store, speed) as session:
        await Script(session, session.screen).run(lines)
        return Transcript(tuple(session.screen.lines))


@asynccontextmanager
async def played(stage: Stage, store: Path, speed: float) -> "AsyncIterator[StageSession]":
    """The people of the stage before a running server."""
    settings = Settings(
        store=store, port=0, prices_live=False, sandbox_speed=speed, **stage.settings()
    )
    people = await everybody(directory(settings))
    opened = partial(_serving, settings, stage)
    async with Inside(opened, _NoSurface(), partial(sandbox, store / "sandbox")) as inside:
        yield StageSession(inside, people, stage, _Screen())


@asynccontextmanager
async def _serving(settings: Settings, stage: Stage, _: object) -> AsyncIterator[Service]:
    async with serving(settings) as served:
        stage.meet(served.url)
        yield _Named(served.service, stage)


class _NoSurface:
    """The surfaces are the fronts', not the player's."""


class _Named:
    """`Service` by the names that a script has for its threads; `inside` is the real one."""

    def __init__(self, service: Service, stage: Stage) -> None:
        self.inside = service
        self._stage = stage

    async def card(self, id: str) -> Card:
        return await self.inside.card(id)

    async def settled(self, thread: ThreadId) -> None:
        if (known := self._stage.thread_id(thread)) is not None:
            await self.inside.settled(known)

    async def state(self, thread: ThreadId) -> tuple[str, ...]:
        known = self._stage.thread_id(thread)
        return await self.inside.state(known) if known is not None else ()

    async def show(self, thread: ThreadId, what: str) -> Mapping[str, Any]:
        known = self._stage.thread_id(thread)
        if known is None:
            raise UserError(f"Nothing was said in {thread!r} yet.")
        return await self.inside.show(known, what)


class _Screen:
    """Collects the lines of a transcript, as `--json` would print them."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def add(self, kind: str, thread: str | None, text: str, **more: object) -> None:
        line = {"kind": kind, "thread": thread, "to": None, "text": text, "card": None}
        self.lines.append({**line, **more})

    def said(self, thread: ThreadId, name: str, text: str) -> None:
        """Only what comes out is kept."""

    def shown(self, thread: ThreadId, what: str, content: Mapping[str, Any]) -> None:
        self.lines.append({"thread": thread, "what": what} | dict(content) | {"kind": "show"})

    def failure(self, number: int, line: str, text: str) -> None:
        self.add("error", None, text, line=number, input=line)


class _Shown(Board):
    """A version that is addressed and shows no such button yet is passed over: how often a card
    is drawn on the way is the surface's affair."""

    def find(self, thread: ThreadId, press: Press, by: PrincipalId) -> Target:
        if press.card is None or press.version is None:
            return super().find(thread, press, by)
        for version in count(press.version):
            self.card(thread, press.card, version)  # raises when there are no more
            try:
                return super().find(thread, _at(press, version), by)
            except UserError:
                continue
        raise AssertionError


def _at(press: Press, version: int) -> Press:
    inputs = press.inputs
    return Press(press.name, press.button, press.line, press.card, version, inputs)


class StageSession(Session):
    """`Session` whose people are at the clients of a far side."""

    def __init__(self, inside: Inside, people: Any, stage: Stage, screen: _Screen) -> None:
        super().__init__(inside, _Shown(), people, SOURCES, strict=True)
        self._stage = stage
        self.screen = screen
        self._pressables: dict[str, tuple[str, Pressable]] = {}
        self._about: dict[str, str] = {}
        self._numbers = count(1)

    def said(self, line: Say) -> Any:
        return Speech(self.person(line.name), line.text)

    def target(self, line: Press) -> Target:
        return super().target(_by_thread(line, self._stage.thread_id(self.thread), self.thread))

    def clicked(self, line: Press, target: Target) -> Any:
        message, button = self._pressables[target.button.data["handle"]]
        return Touch(self.person(line.name), message, button, dict(line.inputs))

    async def send(self, event: Any) -> None:
        if isinstance(event, Speech):
            self.board.answered(self.thread)
            await self._stage.say(self.thread, event.by.name, event.text)
            return
        await self._stage.press(
            self.thread, event.by.name, event.message, event.button, event.inputs
        )

    async def settled(self) -> None:
        await super().settled()
        for seen in await self._stage.look():
            match seen:
                case Words():
                    self._say(seen)
                case Drawn():
                    self._draw(seen)
                case Announced(text):
                    self.screen.add("notice", None, text, to="#deployments")

    def _say(self, words: Words) -> None:
        thread = ThreadId(words.thread)
        labels = [button.label for button in words.choices]
        self.screen.add("message", thread, words.text, to=words.to, choices=labels)
        if words.choices:
            buttons = self._buttons(words.message, words.choices)
            self.board.post(thread, Card(CHOICES, CHOICES, words.text, "", buttons=buttons))

    def _draw(self, drawn: Drawn) -> None:
        thread, reading = ThreadId(drawn.thread), drawn.reading
        id = reading.about or self._about.get(drawn.message) or f"deployment:{drawn.message}"
        self._about[drawn.message] = id
        buttons = self._buttons(drawn.message, reading.buttons)
        card = Card(id, id.partition(":")[0], reading.lead, reading.title, buttons=buttons)
        known = self.board.newest(thread, id) is not None
        (self.board.update if known else self.board.post)(thread, card)
        self.screen.add(
            "update" if known else "card",
            thread,
            reading.lead,
            card=_plain(card, reading),
            version=self.board.version(thread, id),
        )

    def _buttons(self, message: str, pressables: Sequence[Pressable]) -> tuple[Button, ...]:
        return tuple(self._button(message, pressable) for pressable in pressables)

    def _button(self, message: str, pressable: Pressable) -> Button:
        handle = str(next(self._numbers))
        self._pressables[handle] = (message, pressable)
        names = pressable.seen_by
        audience = None if names is None else frozenset(self.people.get(n).id for n in names)
        return Button(pressable.label, "press", {"handle": handle}, audience=audience)


def _by_thread(line: Press, known: ThreadId | None, name: str) -> Press:
    """A card addressed by its thread's name in the script is that of the thread at the far side."""
    if line.card is None or known is None:
        return line
    card = line.card.replace(f":{name}:", f":{known}:")
    return Press(line.name, line.button, line.line, card, line.version, line.inputs)


def _plain(card: Card, reading: Reading) -> dict[str, Any]:
    said = [{"type": "text", "text": line, "tone": "plain"} for line in reading.lines[2:]]
    labels = [{"number": n, "label": b.label} for n, b in enumerate(card.buttons, 1)]
    plain = {"id": card.id, "kind": card.kind, "lead": card.lead, "title": card.title}
    return {**plain, "blocks": said, "buttons": labels}
