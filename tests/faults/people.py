"""Ana asks for three steps, Lena and Sam sign; the real chat in a process that can be killed.

    python -m tests.faults.people STORE

Started again on the same store it goes on. Each click that was taken, and each state that was
entered, is one JSON line on standard output.
"""

import asyncio
import json
import os
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from bot.settings import load
from bot.terminal.board import Board
from bot.terminal.json_screen import JsonScreen
from bot.terminal.lines import FINAL, parse
from bot.terminal.memory import Memory
from bot.terminal.people import everybody
from bot.terminal.script import Script
from bot.terminal.session import DEFAULT_THREAD, Inside, Session
from bot.terminal.start import SOURCES
from bot.terminal.surface import TerminalSurface
from bot.wiring import directory, wired
from orchestration.errors import UserError

ASKED = (
    "ana: I need Databricks, Azure OpenAI and a storage account for team ml in dev, East US",
    "ana: set databricks_access to true for storage",
    "ana: looks good",
    "wait: awaiting 120",
)
SIGNERS = ("lena", "sam")


async def talk(store: Path) -> None:
    settings = load(os.environ, Path.cwd(), store=store)
    people = await everybody(directory(settings))
    with (store / "chat.jsonl").open("a") as said:
        board, screen = Board(), JsonScreen(said)
        surface = TerminalSurface(board, screen, Memory(settings.store / "terminal"))
        async with Inside(partial(wired, settings), surface, list) as inside:
            session = Session(inside, board, people, SOURCES, strict=True)
            script = Script(session, screen)
            if not await inside.service.state(DEFAULT_THREAD):
                await script.run(ASKED)
            await _sign_until_it_ends(session, script)


async def _sign_until_it_ends(session: Session, script: Script) -> None:
    told = 0
    while True:
        history = await session.inside.service.state(session.thread)
        for state in history[told:]:
            _tell(state=state)
        told = len(history)
        if history[-1] in FINAL:
            return
        if history[-1] == "awaiting":
            await _sign(script)
        await asyncio.sleep(0.1)


async def _sign(script: Script) -> None:
    for name in SIGNERS:
        line = parse(f"{name}! Approve")
        assert line is not None
        with suppress(UserError):  # no such button (any more): it is not asked for
            await script.do(line)
            _tell(signed=name)


def _tell(**what: str) -> None:
    sys.stdout.write(json.dumps({**what, "at": round(time.time(), 2)}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(talk(folder))
