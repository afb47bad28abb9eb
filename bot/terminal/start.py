"""From the command line to a session: scripts and typed chat, with their exit codes."""

import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO
from uuid import uuid4

from rich.console import Console

from bot.failures import told
from bot.terminal.board import Board
from bot.terminal.json_screen import JsonScreen
from bot.terminal.people import People, everybody
from bot.terminal.script import LineFailed, Script
from bot.terminal.session import Inside, OpenService, Session, Sources
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


async def run_script(
    lines: Sequence[str],
    *,
    as_json: bool,
    open_service: OpenService,
    directory: Directory,
    streams: Streams,
) -> int:
    """Run the lines; the exit code. What cannot be done is named on `err`."""
    try:
        people = await everybody(directory)
        screen = JsonScreen(streams.out) if as_json else _text_screen(streams, people)
        async with opened(open_service, people, screen, strict=True) as session:
            return await _scripted(session, screen, lines, streams)
    except UserError as error:
        print(told(error, doing="starting Signoff"), file=streams.err)
        return CANNOT


async def _scripted(
    session: Session, screen: JsonScreen | TextScreen, lines: Sequence[str], streams: Streams
) -> int:
    try:
        await Script(session, screen).run(lines)
    except LineFailed as error:
        screen.failure(error.number, error.line, error.why)
        print(f"signoff: {error}", file=streams.err)
        return CANNOT
    return DONE


@asynccontextmanager
async def opened(
    open_service: OpenService, people: People, screen: Screen, *, strict: bool
) -> AsyncIterator[Session]:
    """A session on a running Signoff, which is stopped when left."""
    board = Board()
    async with Inside(open_service, TerminalSurface(board, screen)) as inside:
        yield Session(inside, board, people, SOURCES, strict=strict)


def _text_screen(streams: Streams, people: People) -> TextScreen:
    width = None if streams.out.isatty() or "COLUMNS" in os.environ else 100
    return TextScreen(Console(file=streams.out, width=width, highlight=False), people)
