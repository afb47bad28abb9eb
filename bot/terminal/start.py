"""From a command line to a session: scripts and typed chat, with their exit codes."""

import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO
from uuid import uuid4

from rich.console import Console

from bot.terminal.board import Board
from bot.terminal.chat import HELP, Chat
from bot.terminal.editor import Editor
from bot.terminal.json_screen import JsonScreen
from bot.terminal.keyboard import piped, typed
from bot.terminal.live_screen import LiveScreen
from bot.terminal.memory import Memory
from bot.terminal.people import People, everybody
from bot.terminal.script import LineFailed, Script
from bot.terminal.session import Inside, OpenSandbox, OpenService, Session, Sources
from bot.terminal.surface import Screen, TerminalSurface
from bot.terminal.text_screen import TextScreen
from orchestration.errors import UserError
from orchestration.ports import Directory

DONE, CANNOT = 0, 2
SOURCES = Sources(now=lambda: datetime.now(UTC), new_id=lambda: f"terminal-{uuid4().hex}")


@dataclass(frozen=True, slots=True)
class Streams:
    """Where a session reads and writes."""

    input: TextIO
    out: TextIO
    err: TextIO

    @staticmethod
    def standard() -> "Streams":
        return Streams(sys.stdin, sys.stdout, sys.stderr)

    def is_terminal(self) -> bool:
        dumb = os.environ.get("TERM", "dumb") == "dumb"
        return self.input.isatty() and self.out.isatty() and not dumb


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the terminal is connected to."""

    open_service: OpenService
    directory: Directory
    memory: Memory
    sandbox: OpenSandbox


async def run_script(
    lines: Sequence[str], wiring: Wiring, streams: Streams, *, as_json: bool
) -> int:
    """Run the lines; the exit code. What cannot be done is named on `err`."""
    people = await everybody(wiring.directory)
    screen = JsonScreen(streams.out) if as_json else _text_screen(streams, people)
    try:
        async with _session(wiring, people, screen, strict=True) as session:
            for card in session.board.open_cards(session.thread):
                screen.again(session.thread, card)
            await Script(session, screen).run(lines)
    except LineFailed as error:
        screen.failure(error.number, error.line, error.why)
        streams.err.write(f"signoff: {error}\n")
        return CANNOT
    except UserError as error:
        screen.failure(0, "", str(error))
        raise
    return DONE


async def run_chat(wiring: Wiring, streams: Streams) -> int:
    """Talk until the end of the input; the exit code."""
    people = await everybody(wiring.directory)
    if streams.is_terminal():
        await _typed_chat(wiring, people, streams)
    else:
        await _piped_chat(wiring, people, streams)
    return DONE


async def _typed_chat(wiring: Wiring, people: People, streams: Streams) -> None:
    editor = Editor()
    screen = LiveScreen(Console(file=streams.out, highlight=False), people, editor)
    screen.remark("Starting ...")
    async with _session(wiring, people, screen, strict=False) as session:
        screen.remark(f"Here are {people.listed()}.\n{HELP}")
        with typed(streams.input, streams.out, editor, screen.typing) as lines:
            try:
                await Chat(session, screen, lines, asks=True, prompt=screen.prompt).run()
            finally:
                screen.leave()


async def _piped_chat(wiring: Wiring, people: People, streams: Streams) -> None:
    screen = _text_screen(streams, people)
    async with _session(wiring, people, screen, strict=False) as session:
        with piped(streams.input) as lines:
            await Chat(session, screen, lines, asks=False, prompt=_unseen).run()


@asynccontextmanager
async def _session(
    wiring: Wiring, people: People, screen: Screen, *, strict: bool
) -> AsyncIterator[Session]:
    """A session on a running Signoff, which is stopped when left."""
    board = Board()
    surface = TerminalSurface(board, screen, wiring.memory)
    async with Inside(wiring.open_service, surface, wiring.sandbox) as inside:
        yield Session(inside, board, people, SOURCES, strict=strict)


def _text_screen(streams: Streams, people: People) -> TextScreen:
    width = None if streams.out.isatty() or "COLUMNS" in os.environ else 100
    return TextScreen(Console(file=streams.out, width=width, highlight=False), people)


def _unseen(prompt: str) -> None:
    """Nobody looks."""
