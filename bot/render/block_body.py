"""What a card says, in Block Kit: modern blocks, or those that every client knows."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from bot.render.block_text import Node, bold, context, escaped, fenced, link, mrkdwn, plain, section
from bot.render.printable import cut, printable
from orchestration.cards.model import (
    Block,
    Details,
    Fact,
    Facts,
    Heading,
    Progress,
    Table,
    Text,
    Tone,
)

_SIGNS: dict[Tone, str] = {
    "good": ":white_check_mark: ",
    "warning": ":warning: *Warning:* ",
    "bad": ":x: *Problem:* ",
}
_SECTION = 3000
_FENCE = 2800
_BAR = 20
_CELLS, _ROWS, _CHILDREN, _TITLE = 20, 100, 10, 150


def face(blocks: Sequence[Block]) -> Iterator[Node]:
    for each in blocks:
        if not isinstance(each, Details):
            yield from _drawn(each)


def folded(blocks: Sequence[Block], *, modern: bool) -> Iterator[Node]:
    """Details: folded where clients can, left to the page where they cannot."""
    for each in blocks:
        if isinstance(each, Details) and modern:
            yield _folding(each)


def _folding(details: Details) -> Node:
    """Source: Slack, container block: at most 10 children; sections and fences are safe ones."""
    children = [*face(details.blocks)]
    if len(children) > _CHILDREN:
        more = context(f"and {len(children) - _CHILDREN + 1} more on the page")
        children = [*children[: _CHILDREN - 1], more]
    return {
        "type": "container",
        "title": plain(details.label, _TITLE),
        "width": "full",
        "is_collapsible": True,
        "default_collapsed": True,
        "child_blocks": children,
    }


def _drawn(each: Block) -> Iterator[Node]:
    match each:
        case Heading(text):
            yield section(bold(text))
        case Text():
            yield _text(each)
        case Facts(rows):
            yield from _facts(rows)
        case Table():
            yield from _monospaced(each)
        case Progress():
            yield context(_bar(each))
        case Details(label, blocks):
            yield section(bold(label))
            yield from face(blocks)
        case _:
            assert_never(each)


def _text(said: Text) -> Node:
    if said.tone == "subtle":
        return context(escaped(said.text))
    sign = _SIGNS.get(said.tone, "")
    for word in ("warning", "problem"):
        if said.text.lower().startswith(word):
            sign = sign.partition(" *")[0] + " "
    return section(f"{sign}{escaped(said.text)}")


def _facts(rows: Sequence[Fact]) -> Iterator[Node]:
    """A line for each; as many lines in a section as it may hold."""
    lines: list[str] = []
    for row in rows:
        made = cut(_fact(row), _SECTION)
        if lines and sum(map(len, lines)) + len(lines) + len(made) > _SECTION:
            yield section("\n".join(lines))
            lines = []
        lines.append(made)
    if lines:
        yield section("\n".join(lines))


def _fact(fact: Fact) -> str:
    value = fact.value
    is_link = value.startswith("https://") and not set(value) & set(" <>|")
    shown = link(value, value.removeprefix("https://")) if is_link else escaped(value)
    note = f"  _{escaped(fact.note)}_" if fact.note else ""
    return f"{bold(fact.label)}  {shown}{note}"


def _monospaced(table: Table) -> Iterator[Node]:
    """The table in a monospaced font, whole lines only."""
    rows = [[printable(cell).replace("\n", " ") for cell in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(table.columns, *rows, strict=True)]
    lines = [_aligned(row, widths) for row in [table.columns, *rows]]
    text = "\n".join(lines)
    while len(fenced(text)) > _FENCE and len(lines) > 1:
        lines.pop()
        text = "\n".join([*lines, f"… {len(rows) + 1 - len(lines)} more on the page"])
    yield section(fenced(cut(text, _FENCE)))


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()


def native_table(table: Table) -> Node:
    """Source: Slack, table block: one in a message, at most 100 rows of 20 cells."""
    rows = [table.columns, *table.rows][:_ROWS]
    cells = [[{"type": "raw_text", "text": printable(c) or " "} for c in r[:_CELLS]] for r in rows]
    wrapped = [{"is_wrapped": True} for _ in table.columns[:_CELLS]]
    return {"type": "table", "column_settings": wrapped, "rows": cells}


def _bar(progress: Progress) -> str:
    done = min(max(progress.done, 0), progress.total)
    full = _BAR * done // progress.total if progress.total else 0
    bar = "█" * full + "░" * (_BAR - full)
    return f"{bar}  {done} of {progress.total}  {escaped(progress.label)}"


def words(markup: str) -> Node:
    return mrkdwn(markup)
