"""Card -> rich renderables, readable at 80 columns and on light and dark backgrounds.

Colours only repeat what the words say: default, bold, dim and labels on their own background.
"""

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as Grid
from rich.text import Text as Words

from bot.render.news import news
from orchestration.cards.model import (
    Block,
    Button,
    Card,
    Details,
    Facts,
    Heading,
    Progress,
    Table,
    Text,
    Tone,
)

MAX_WIDTH = 100
_BAR = 24
_GAP = " " * 3
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LABELS: dict[Tone, tuple[str, str]] = {
    "warning": ("Warning:", "black on yellow"),
    "bad": ("Problem:", "white on red"),
}


def draw(card: Card, *, folded: bool = False) -> RenderableType:
    """The whole card: lead, title, blocks, details last (or only named), buttons numbered."""
    details = [block for block in card.blocks if isinstance(block, Details)]
    shown = [block for block in card.blocks if not isinstance(block, Details)]
    parts: list[RenderableType] = [words(card.lead, "bold")]
    if card.title:
        parts.append(words(card.title))
    if shown:
        parts += ["", *_spaced(shown)]
    for position, detail in enumerate(details):
        apart = not folded or position == 0
        parts += [*([""] if apart else []), _folded(detail) if folded else _block(detail)]
    if card.buttons:
        parts += ["", buttons(card.buttons)]
    return _panel(Group(*parts), card)


def draw_compactly(card: Card, before: Card | None = None) -> RenderableType:
    """Lead, what is not on the card `before`, and buttons: for a newer version of a card that is
    out of sight."""
    parts: list[RenderableType] = [words(card.lead, "bold")]
    if before is None or card.title != before.title:
        parts.append(words(card.title))
    parts += [_folded(b) if isinstance(b, Details) else _block(b) for b in news(card, before)]
    if card.buttons:
        parts.append(buttons(card.buttons))
    return _panel(Group(*parts), card)


def words(text: str, style: str = "") -> Words:
    """Text as it is: no markup, and nothing in it that could move a cursor or turn writing."""
    return Words(_UNPRINTABLE.sub("·", text.replace("\r\n", "\n")), style=style)


def buttons(row: Sequence[Button]) -> RenderableType:
    """`[1] Approve   [2] Reject (reason)`; a button is never broken over two lines."""
    return _Row([_button(number, button) for number, button in enumerate(row, 1)])


def _button(number: int, button: Button) -> Words:
    needs = ", ".join(field.name for field in button.inputs)
    return words(f"[{number}] {button.label}" + (f" ({needs})" if needs else ""), "bold cyan")


class _Row:
    """Labels beside one another, as many in a line as there is room for."""

    def __init__(self, labels: Sequence[Words]) -> None:
        self._labels = labels

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = Words()
        for label in self._labels:
            if line and line.cell_len + len(_GAP) + label.cell_len > options.max_width:
                yield line
                line = Words()
            line.append(_GAP if line else "").append(label)
        yield line


def _panel(content: RenderableType, card: Card) -> RenderableType:
    panel = Panel(
        content,
        box=box.ROUNDED,
        title=words(f"#{card.id}", "dim"),
        title_align="right",
        border_style="dim",
    )
    return _Capped(panel)


class _Capped:
    """A panel that is never wider than is good to read."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self._panel.width = min(options.max_width, MAX_WIDTH)
        yield self._panel


def _spaced(blocks: Sequence[Block]) -> Iterator[RenderableType]:
    """Blocks with an empty line before headings and around tables."""
    for position, block in enumerate(blocks):
        apart = isinstance(block, Heading | Table) or isinstance(blocks[position - 1], Table)
        if position and apart:
            yield ""
        yield _block(block)


def _folded(detail: Details) -> RenderableType:
    return words(f"▸ {detail.label} (/open shows it)", "dim")


def _block(block: Block) -> RenderableType:
    match block:
        case Heading(text):
            return words(text, "bold underline")
        case Text():
            return _text(block)
        case Facts():
            return _facts(block)
        case Table():
            return _table(block)
        case Progress():
            return _progress(block)
        case Details(label, blocks):
            return Group(words(label, "bold"), Padding(Group(*_spaced(blocks)), (0, 0, 0, 2)))
        case _:
            assert_never(block)


def _text(block: Text) -> Words:
    label, style = _LABELS.get(block.tone, ("", ""))
    if label and not block.text.lower().startswith(label.lower()[:-1]):
        return Words.assemble((label, style), " ", words(block.text))
    return words(block.text, {"subtle": "dim", "good": "bold green"}.get(block.tone, ""))


def _facts(block: Facts) -> Grid:
    grid = Grid.grid(padding=(0, 2, 0, 0), expand=False)
    grid.add_column(min_width=12, max_width=26)
    grid.add_column(ratio=3, overflow="fold")
    for fact in block.rows:
        note = words(f"  {fact.note}", "dim italic") if fact.note else Words()
        grid.add_row(words(fact.label, "dim"), words(fact.value).append(note))
    return grid


def _table(block: Table) -> Grid:
    table = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for number, column in enumerate(block.columns):
        numeric = bool(block.rows) and all(_is_numeric(row[number]) for row in block.rows)
        table.add_column(words(column), justify="right" if numeric else "left", overflow="fold")
    for row in block.rows:
        table.add_row(*(words(cell) for cell in row))
    return table


def _is_numeric(cell: str) -> bool:
    return re.fullmatch(r"[-+~]?[$€]?\d[\d,.]*( USD)?", cell) is not None


def _progress(block: Progress) -> Words:
    done = min(max(block.done, 0), block.total)
    full = _BAR * done // block.total if block.total else 0
    bar = "█" * full + "░" * (_BAR - full)
    return Words.assemble(words(block.label), "  ", (bar, "cyan"), f"  {done} of {block.total}")
