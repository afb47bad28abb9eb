"""Tables in Block Kit."""

from collections.abc import Sequence

from bot.render.block_text import SECTION, Node, bold, escaped, fenced, preformatted, section
from bot.render.printable import printable
from orchestration.cards.model import Table

_FENCE = 2800
_WIDE = 76
_CELLS, _ROWS = 20, 100


def monospaced(table: Table, *, fence: bool) -> Node:
    """The table in a monospaced font, whole lines only; as sentences where it would be too wide.

    Source: rich text is documented inside of containers, and was refused there: so a fence.
    """
    rows = [[printable(cell).replace("\n", " ") for cell in row] for row in table.rows]
    if is_wide(table):
        return section(_fitting([_sentence(row) for row in rows], SECTION))
    widths = [max(map(len, column)) for column in zip(table.columns, *rows, strict=True)]
    text = _fitting([_aligned(row, widths) for row in [table.columns, *rows]], _FENCE)
    return section(fenced(text)) if fence else preformatted(text)


def _fitting(lines: Sequence[str], limit: int) -> str:
    """As many whole lines as there is room for, and how many there is none for."""
    shown = [*lines]
    while len(text := "\n".join([*shown, *_more(len(lines) - len(shown))])) > limit and shown:
        shown.pop()
    return text


def _more(count: int) -> list[str]:
    return [f"… {count} more on the page"] if count else []


def is_wide(table: Table) -> bool:
    columns = zip(table.columns, *table.rows, strict=True)
    return sum(max(map(len, column)) for column in columns) > _WIDE


def _sentence(row: Sequence[str]) -> str:
    first, *rest = row
    return f"• {bold(first)}  {'; '.join(escaped(cell) for cell in rest if cell)}"


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()


def native_table(table: Table) -> Node:
    """Source: Slack, table block: at most 100 rows of 20 cells."""
    rows = [table.columns, *table.rows][:_ROWS]
    cells = [[{"type": "raw_text", "text": printable(c) or " "} for c in r[:_CELLS]] for r in rows]
    wrapped = [{"is_wrapped": True} for _ in table.columns[:_CELLS]]
    return {"type": "table", "column_settings": wrapped, "rows": cells}
