"""A conversation from a file, line by line, as docs/chat-script.md has it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, assert_never

from bot.terminal.lines import (
    FINAL,
    Command,
    Line,
    Press,
    Restart,
    Sandbox,
    Say,
    Show,
    Wait,
    parse,
)
from bot.terminal.session import Session
from orchestration.errors import UserError
from orchestration.messages import ThreadId

_POLL_S = 0.05


class ScriptScreen(Protocol):
    def said(self, thread: ThreadId, name: str, text: str) -> None: ...

    def shown(self, thread: ThreadId, what: str, content: Mapping[str, Any]) -> None: ...

    def failure(self, number: int, line: str, text: str) -> None: ...


class LineFailed(UserError):
    """A line that cannot be done; the cause says why."""

    def __init__(self, number: int, line: str, why: str) -> None:
        super().__init__(f"line {number}: {line}\n{why}")
        self.number = number
        self.line = line
        self.why = why


class Script:
    """Runs lines in a session. `complete`: each is answered in full before the next is read."""

    def __init__(self, session: Session, screen: ScriptScreen, *, complete: bool = True) -> None:
        self._session = session
        self._screen = screen
        self._complete = complete
        self._before: dict[ThreadId, tuple[str, ...]] = {}

    async def run(self, lines: Sequence[str]) -> None:
        """Raises: LineFailed - at the first line that cannot be done."""
        for number, text in enumerate(lines, 1):
            try:
                if line := parse(text):
                    await self.do(line)
            except UserError as error:
                raise LineFailed(number, text.strip(), str(error)) from error

    async def do(self, line: Line) -> None:
        """Raises: UserError - it cannot be done."""
        match line:
            case Say() | Press():
                await self._speak(self._session.understood(line))
            case Wait():
                await self._wait(line)
            case Show(what):
                content = await self._session.inside.service.show(self._session.thread, what)
                self._screen.shown(self._session.thread, what, content)
            case Restart():
                await self._session.inside.restart()
                await self._session.settled()
            case Sandbox(arguments):
                told = self._session.inside.sandbox(arguments)
                self._screen.shown(self._session.thread, "sandbox", {"lines": list(told)})
            case Command():
                self._command(line)
            case _:
                assert_never(line)

    def _command(self, command: Command) -> None:
        match command.name, command.argument:
            case "as", name if name:
                self._session.speaker = self._session.people.get(name)
            case "thread", name if name:
                self._session.thread = ThreadId(name)
            case _:
                raise UserError("A script knows only the commands /as NAME and /thread NAME.")

    async def _speak(self, line: Say | Press) -> None:
        session = self._session
        name = session.person(line.name).name
        event = (
            session.said(line)
            if isinstance(line, Say)
            else session.clicked(line, session.target(line))
        )
        self._screen.said(session.thread, name, _spoken(line))
        self._before[session.thread] = await session.inside.service.state(session.thread)
        await session.send(event)
        if self._complete:
            await session.settled()
            await self._entered()

    async def _wait(self, wait: Wait) -> None:
        """Until the state is the present one, or has been entered since somebody last acted.

        Raises: UserError - another final state was entered instead, or the time is over.
        """
        try:
            async with asyncio.timeout(wait.seconds):
                while True:
                    if await self._reached(wait.state):
                        await self._session.settled()
                        return
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            seen = await self._session.inside.service.state(self._session.thread)
            raise UserError(
                f"{wait.state!r} was not reached in {wait.seconds:g} s. "
                f"States so far: {', '.join(seen) or 'no deployment yet'}."
            ) from None

    async def _reached(self, state: str) -> bool:
        history, entered = await self._entered()
        present = history[-1:]
        if state in entered or state in present:
            return True
        if entered and present[0] in FINAL:
            raise UserError(f"{state!r} was not reached: it ended as {present[0]!r}.")
        return False

    async def _entered(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """All states, and those entered since somebody last acted in the thread.

        A history that is not a continuation of the one before belongs to a newer deployment.
        """
        thread = self._session.thread
        history = await self._session.inside.service.state(thread)
        before = self._before.get(thread, ())
        if history[: len(before)] != before:
            self._before[thread] = before = ()
        return history, history[len(before) :]


def _spoken(line: Say | Press) -> str:
    if isinstance(line, Say):
        return line.text
    inputs = "".join(f' {name}="{value}"' for name, value in line.inputs.items())
    return f"clicks {line.button}{inputs}"
