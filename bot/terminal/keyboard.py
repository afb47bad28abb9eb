"""Lines from whoever types: key by key from a terminal, line by line from anything else."""

import asyncio
import codecs
import os
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from bot.terminal.editor import Editor, Entered

_PASTE_MARKED, _PASTE_PLAIN = "\x1b[?2004h", "\x1b[?2004l"


class Lines:
    """Lines in the order they were entered; None once there are no more."""

    def __init__(self) -> None:
        self._entered: asyncio.Queue[str | None] = asyncio.Queue()

    def put(self, line: str | None) -> None:
        self._entered.put_nowait(line)

    async def next(self) -> str | None:
        return await self._entered.get()


@contextmanager
def typed(
    stream: TextIO, out: TextIO, editor: Editor, changed: Callable[[], None]
) -> Iterator[Lines]:
    """Read keys, so that what is being typed and what comes in do not mix; Ctrl-C still signals.

    `changed` is called when the line being typed should be drawn again.
    """
    lines, decoder = Lines(), codecs.getincrementaldecoder("utf-8")("replace")
    loop, keys = asyncio.get_running_loop(), stream.fileno()

    def read() -> None:
        data = os.read(keys, 65_536)
        for event in editor.feed(decoder.decode(data)):
            lines.put(event.text if isinstance(event, Entered) else None)
        if not data:
            loop.remove_reader(keys)
            lines.put(None)
        changed()

    before, by_key = termios.tcgetattr(keys), termios.tcgetattr(keys)
    by_key[3] &= ~(termios.ICANON | termios.ECHO)  # signals and output processing stay
    try:
        termios.tcsetattr(keys, termios.TCSADRAIN, by_key)
        out.write(_PASTE_MARKED)
        loop.add_reader(keys, read)
        yield lines
    finally:
        loop.remove_reader(keys)
        out.write(_PASTE_PLAIN)
        out.flush()
        termios.tcsetattr(keys, termios.TCSADRAIN, before)


@contextmanager
def piped(stream: TextIO) -> Iterator[Lines]:
    """Read lines on a thread: works for pipes and files, and never holds up a stop."""
    lines, loop = Lines(), asyncio.get_running_loop()

    def read() -> None:
        try:
            for line in stream:
                loop.call_soon_threadsafe(lines.put, line.rstrip("\r\n"))
            loop.call_soon_threadsafe(lines.put, None)
        except (RuntimeError, ValueError):  # the loop, or the stream, has been closed
            return

    threading.Thread(target=read, name="lines", daemon=True).start()
    yield lines
