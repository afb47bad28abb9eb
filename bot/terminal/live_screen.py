"""A terminal in which cards change where they stand, above the line that is being typed.

What is still in sight is kept as drawn rows. A card that changes is drawn again in its place, with
what follows it; one that has scrolled away, or was drawn for another width, is drawn below, in
short.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console, RenderableType

from bot.render.text import draw, draw_compactly, words
from bot.terminal.editor import Editor
from bot.terminal.people import People
from bot.terminal.text_screen import drawn_message, drawn_notice, line
from orchestration.cards.model import Card
from orchestration.messages import Notice, Reply, ThreadId

_CLEAR_BELOW = "\r\x1b[J"
_TOGETHER, _SHOWN = "\x1b[?2026h", "\x1b[?2026l"
"""What stands between them is shown at once, where the terminal knows it."""


@dataclass(slots=True)
class _Drawn:
    """Rows on the terminal; `key` names the card that they show."""

    key: str | None
    rows: list[str]
    width: int


class LiveScreen:
    def __init__(self, console: Console, people: People, editor: Editor) -> None:
        self._console = console
        self._people = people
        self._editor = editor
        self._in_sight: list[_Drawn] = []
        self._prompt = ""
        self._newest: dict[str, Card] = {}

    def message(self, thread: ThreadId, reply: Reply) -> None:
        self._append(None, drawn_message(reply, self._people))

    def notice(self, notice: Notice) -> None:
        self._append(None, drawn_notice(notice))

    def card(self, thread: ThreadId, card: Card, version: int) -> None:
        self._newest[_key(thread, card)] = card
        self._append(_key(thread, card), draw(card, folded=True))

    def again(self, thread: ThreadId, card: Card) -> None:
        self.card(thread, card, 1)

    def update(self, thread: ThreadId, card: Card, version: int) -> None:
        key = _key(thread, card)
        if not self._replace(key, draw(card, folded=True)):
            self._append(key, draw_compactly(card, self._newest.get(key)))
        self._newest[key] = card

    def opened(self, card: Card) -> None:
        """The card with all its details."""
        self._append(None, draw(card))

    def said(self, thread: ThreadId, name: str, text: str) -> None:
        self._append(None, line(name, words(text)))

    def shown(self, thread: ThreadId, what: str, content: Mapping[str, Any]) -> None:
        self._append(None, words(json.dumps(content, indent=2, default=str)))

    def failure(self, number: int, line: str, text: str) -> None:
        self.remark(text)

    def remark(self, text: str) -> None:
        """From the terminal itself."""
        self._append(None, words(text, "dim"))

    def prompt(self, text: str) -> None:
        """Show the line being typed after this text, from now on."""
        self._prompt = text
        self.typing()

    def typing(self) -> None:
        """The line being typed has changed."""
        self._write(_CLEAR_BELOW + self._input_row())

    def leave(self) -> None:
        """Nothing more is typed."""
        self._prompt = ""
        self._write(_CLEAR_BELOW)

    def _append(self, key: str | None, drawn: RenderableType) -> None:
        self._in_sight.append(_Drawn(key, self._rows(drawn), self._console.width))
        self._forget_what_scrolled_away()
        self._write(_CLEAR_BELOW + _text(self._in_sight[-1:]) + self._input_row())

    def _replace(self, key: str, drawn: RenderableType) -> bool:
        """Draw a card in its place; False if it is not in sight."""
        place = next((n for n, one in enumerate(self._in_sight) if one.key == key), None)
        if place is None or any(d.width != self._console.width for d in self._in_sight[place:]):
            return False
        up = sum(len(one.rows) for one in self._in_sight[place:])
        self._in_sight[place].rows = self._rows(drawn)
        following = _text(self._in_sight[place:])
        self._write(f"\x1b[{up}A{_CLEAR_BELOW}{following}{self._input_row()}")
        self._forget_what_scrolled_away()
        return True

    def _forget_what_scrolled_away(self) -> None:
        """Keep what fits above the input's row; a card partly out of sight is out of sight."""
        height = self._console.height - 1
        kept, rows = 0, 0
        for one in reversed(self._in_sight):
            rows += len(one.rows)
            if rows > height:
                break
            kept += 1
        newest = self._in_sight[-1:]
        self._in_sight = self._in_sight[len(self._in_sight) - kept :] or newest
        if not kept:
            newest[0].key = None

    def _rows(self, drawn: RenderableType) -> list[str]:
        with self._console.capture() as capture:
            self._console.print(drawn)
        return capture.get().removesuffix("\n").split("\n")

    def _input_row(self) -> str:
        if not self._prompt:
            return ""
        room = max(8, self._console.width - len(self._prompt) - 1)
        text, column = self._editor.window(room)
        return f"\r{self._prompt}{text}\r\x1b[{len(self._prompt) + column}C"

    def _write(self, text: str) -> None:
        self._console.file.write(f"{_TOGETHER}{text}{_SHOWN}")
        self._console.file.flush()


def _key(thread: ThreadId, card: Card) -> str:
    return f"{thread}\n{card.id}"


def _text(drawn: list[_Drawn]) -> str:
    return "".join(row + "\n" for one in drawn for row in one.rows)
