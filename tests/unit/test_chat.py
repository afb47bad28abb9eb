"""The typed chat: over a real pseudo-terminal, and from a pipe."""

import asyncio
import io
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.terminal.memory import Memory
from bot.terminal.start import Streams, Wiring, run_chat
from orchestration.cards.model import Button, Card, InputField
from orchestration.messages import Clicked, Inbound, Reply, Said
from tests.doubles.cards import APPLYING, DRAFT
from tests.doubles.service import FakeDirectory, FakeInside, FakeService

WHY = InputField("reason", "Why", required=True)
REJECT = Card("plan-1", "plan", "Mia, sign off?", "", buttons=(Button("Reject", "no", {}, (WHY,)),))


async def answer(service: FakeService, event: Inbound) -> None:
    match event:
        case Said(text="plan"):
            await service.surface.post(event.thread, REJECT, key="k")
        case Said(text=text):
            await service.surface.say(event.thread, Reply(f"<{text}>"), key="k")
        case Clicked(inputs=inputs):
            await service.surface.say(event.thread, Reply(f"clicked {dict(inputs)}"), key="k")


def wiring(folder: Path) -> Wiring:
    return Wiring(FakeInside(answer), FakeDirectory(), Memory(folder), list)


async def piped(text: str, folder: Path) -> str:
    out = io.StringIO()
    assert await run_chat(wiring(folder), Streams(io.StringIO(text), out, io.StringIO())) == 0
    return out.getvalue()


async def test_lines_from_a_pipe_are_done_one_after_another(tmp_path: Path) -> None:
    out = await piped("hello\nmia: plan\nmia! 1\n/people\n", tmp_path)
    assert "<hello>" in out
    assert "clicked {}" in out
    assert "mia (finance)" in out


async def test_what_cannot_be_done_is_told_and_the_chat_goes_on(tmp_path: Path) -> None:
    out = await piped("! Nothing\n/dance\nmai: hi\nThanks! fine\n/quit\nnever said\n", tmp_path)
    assert "There is no button 'Nothing'" in out
    assert "There is no command /dance" in out
    assert "nobody called 'mai'" in out
    assert "<Thanks! fine>" in out
    assert "never said" not in out


async def test_starting_again_shows_open_cards(tmp_path: Path) -> None:
    await piped("plan\n", tmp_path)
    assert "Mia, sign off?" in await piped("", tmp_path)


def test_every_card_survives_being_kept(tmp_path: Path) -> None:
    from orchestration.messages import ThreadId

    memory, thread = Memory(tmp_path), ThreadId("a/b c")
    memory.keep(thread, [DRAFT, APPLYING, REJECT])
    (tmp_path / "other.json").write_text('{"from": "another version"}')
    assert memory.kept() == {thread: (DRAFT, APPLYING, REJECT)}


@dataclass
class Typist:
    """Somebody at the other end of a pseudo-terminal."""

    keys: int
    seen: str = ""

    def types(self, text: str) -> None:
        os.write(self.keys, text.encode())

    async def sees(self, text: str) -> None:
        async with asyncio.timeout(5):
            while True:
                if text in self.seen:
                    return
                await asyncio.sleep(0.01)

    def read(self) -> None:
        text = os.read(self.keys, 65_536).decode(errors="replace")
        self.seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


@asynccontextmanager
async def at_terminal(folder: Path) -> AsyncIterator[tuple[Typist, "asyncio.Task[int]"]]:
    keys, terminal = os.openpty()
    typist = Typist(keys)
    loop = asyncio.get_running_loop()
    loop.add_reader(keys, typist.read)
    with (
        open(terminal, encoding="utf-8", closefd=False) as reads,  # noqa: ASYNC230
        open(terminal, "w", encoding="utf-8") as writes,  # noqa: ASYNC230, PTH123
    ):
        chat = asyncio.create_task(run_chat(wiring(folder), Streams(reads, writes, writes)))
        try:
            yield typist, chat
        finally:
            chat.cancel()
            await asyncio.gather(chat, return_exceptions=True)
            loop.remove_reader(keys)
    os.close(keys)


async def test_a_person_types_and_is_asked_for_what_a_button_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    async with at_terminal(tmp_path) as (typist, chat):
        await typist.sees("ana (infra) > ")
        typist.types("hello\r")
        await typist.sees("hello")
        typist.types("mia: plan\r")
        await typist.sees("Mia, sign off?")
        typist.types("mia! rej\r")
        await typist.sees("Why: ")
        typist.types("too big\r")
        await typist.sees("clicked {'reason': 'too big'}")
        typist.types("/as mia\r/thread web\r")
        await typist.sees("mia (web) > ")
        typist.types("\x04")
        assert await asyncio.wait_for(chat, 5) == 0
