"""Everything that is said, drawn one after another: for scripts without --json and for pipes."""

import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from bot.render.text import draw, draw_compactly, words
from bot.terminal.people import People
from orchestration.cards.model import Card
from orchestration.messages import Notice, Reply, ThreadId

_GUTTER = 8


def line(name: str, text: Text, style: str = "bold") -> RenderableType:
    """`ana      I need ...`, with what wraps indented below."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(min_width=_GUTTER, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(words(name, style), text)
    return grid


def drawn_message(reply: Reply, people: People) -> RenderableType:
    called = ", ".join(map(people.name_of, reply.calls))
    text = words(f"{called}: {reply.text}" if called else reply.text)
    for number, choice in enumerate(reply.choices, 1):
        text.append("\n").append(words(f"[{number}] {choice}", "bold cyan"))
    if reply.to is not None:
        text.append(words(f"  (only {people.name_of(reply.to)} sees this)", "dim"))
    return line("bot", text, "bold magenta")


def drawn_notice(notice: Notice) -> RenderableType:
    return line(notice.channel, words(notice.text), "bold blue")


class TextScreen:
    def __init__(self, console: Console, people: People) -> None:
        self._console = console
        self._people = people
        self._drawn: dict[tuple[ThreadId, str], Card] = {}

    def message(self, thread: ThreadId, reply: Reply) -> None:
        self._console.print(drawn_message(reply, self._people))

    def notice(self, notice: Notice) -> None:
        self._console.print(drawn_notice(notice))

    def card(self, thread: ThreadId, card: Card, version: int) -> None:
        self._drawn[thread, card.id] = card
        self._console.print(draw(card, folded=True))

    def update(self, thread: ThreadId, card: Card, version: int) -> None:
        self._console.print(draw_compactly(card, self._drawn.get((thread, card.id))))
        self._drawn[thread, card.id] = card

    def again(self, thread: ThreadId, card: Card) -> None:
        self.card(thread, card, 1)

    def opened(self, card: Card) -> None:
        self._console.print(draw(card))

    def remark(self, text: str) -> None:
        """From the terminal itself."""
        self._console.print(words(text, "dim"))

    def said(self, thread: ThreadId, name: str, text: str) -> None:
        self._console.print(line(name, words(text)))

    def shown(self, thread: ThreadId, what: str, content: Mapping[str, Any]) -> None:
        self._console.print_json(json.dumps(content, default=str))

    def failure(self, number: int, line: str, text: str) -> None:
        """It goes to stderr, by whoever runs the script."""
