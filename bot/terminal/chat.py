"""The chat for people: typed lines, or a pipe, until /quit, the end or Ctrl-C."""

from collections.abc import Callable
from typing import Protocol

from bot.failures import told
from bot.render.text import words
from bot.terminal.keyboard import Lines
from bot.terminal.lines import COMMANDS, Command, Line, Press, parse
from bot.terminal.script import Script, ScriptScreen
from bot.terminal.session import Session, with_inputs
from orchestration.cards.model import Button, Card, InputField
from orchestration.errors import UserError
from orchestration.messages import ThreadId

HELP = f"""\
Write what you need, e.g. "I need a production workspace for the ML team".
ana: TEXT           say it as ana
mia! Approve        press a button by its label, or mia! 2 by its number
mia! Reject reason="too big"   with what goes with it; mia! #CARD Approve on that card
{chr(10).join(COMMANDS.values())}
show: draft         also: deployment, audit"""


class ChatScreen(ScriptScreen, Protocol):
    def remark(self, text: str) -> None: ...

    def opened(self, card: Card) -> None: ...

    def again(self, thread: ThreadId, card: Card) -> None: ...


class Chat:
    """`asks` is whether somebody is there to be asked for what a button needs."""

    def __init__(
        self,
        session: Session,
        screen: ChatScreen,
        lines: Lines,
        *,
        asks: bool,
        prompt: Callable[[str], None],
    ) -> None:
        self._session = session
        self._screen = screen
        self._lines = lines
        self._asks = asks
        self._prompt = prompt
        self._script = Script(session, screen, complete=not asks)

    async def run(self) -> None:
        """Until there are no more lines. What goes wrong is told, and the chat goes on."""
        self._show_open_cards()
        while True:
            self._prompt(f"{self._session.speaker.name} ({self._session.thread}) > ")
            text = await self._lines.next()
            if text is None:
                return
            try:
                line = parse(text)
                if line == Command("quit", ""):
                    return
                if line is not None:
                    await self._do(line)
            except Exception as error:
                self._screen.remark(told(error, doing="doing that", tried_again=False))

    async def _do(self, line: Line) -> None:
        match line:
            case Command("help"):
                self._screen.remark(HELP)
            case Command("people"):
                self._screen.remark(self._session.people.listed())
            case Command("open", argument):
                self._screen.opened(self._card(argument.removeprefix("#")))
            case Command("thread", name) if name:
                await self._script.do(line)
                self._show_open_cards()
            case Press():
                await self._script.do(await self._filled(line))
            case _:
                await self._script.do(line)

    def _card(self, id: str) -> Card:
        """Raises: UserError - there is none."""
        session = self._session
        if id:
            return session.board.card(session.thread, id)
        newest = session.board.oldest_first(session.thread)[-1:]
        if not newest:
            raise UserError(f"There is no card in {session.thread} yet.")
        return newest[0]

    async def _filled(self, line: Press) -> Press:
        """The press with what its button requires, asked for.

        Raises: UserError - no such button, or nothing was given.
        """
        understood = self._session.understood(line)
        if not self._asks or not isinstance(understood, Press):
            return line
        button = self._session.target(line).button
        return with_inputs(line, {f.name: await self._ask(f) for f in _missing(button, line)})

    async def _ask(self, field: InputField) -> str:
        for number, choice in enumerate(field.choices, 1):
            self._screen.remark(f"  [{number}] {choice}")
        self._prompt(f"{words(field.label).plain}: ")
        given = (await self._lines.next() or "").strip()
        if not given:
            raise UserError(f"Nothing was pressed: it needs {field.label!r}.")
        if given.isdecimal() and 1 <= int(given) <= len(field.choices):
            return field.choices[int(given) - 1]
        return given

    def _show_open_cards(self) -> None:
        for card in self._session.board.open_cards(self._session.thread):
            self._screen.again(self._session.thread, card)


def _missing(button: Button, line: Press) -> list[InputField]:
    return [
        field
        for field in button.inputs
        if field.required and not field.value and not line.inputs.get(field.name)
    ]
