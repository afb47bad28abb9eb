"""What a card says, in Block Kit: modern blocks, or those that every client knows."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from bot.render.block_text import (
    SECTION,
    Node,
    bold,
    context,
    escaped,
    fenced,
    link,
    plain,
    section,
)
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

_FENCE = 2800
_BAR = 20
_CELLS, _ROWS, _CHILDREN, _TITLE = 20, 100, 10, 150


def face(blocks: Sequence[Block]) -> Iterator[Node]:
    """What is not folded; lines that belong together in one section, as many as it may hold."""
    lines: list[str] = []
    for each in blocks:
        said = _lines(each)
        if lines and (said is None or isinstance(each, Heading) or _full(lines, said)):
            yield section("\n".join(lines))
            lines = []
        if said is None:
            yield from _drawn(each)
        else:
            lines += [cut(text, SECTION) for text in said]
    if lines:
        yield section("\n".join(lines))


def _full(lines: Sequence[str], more: Sequence[str]) -> bool:
    return sum(len(text) + 1 for text in [*lines, *more]) > SECTION


def _lines(each: Block) -> list[str] | None:
    """What is said in lines; None for what is a block of its own."""
    match each:
        case Heading(text):
            return [bold(text)]
        case Text(tone=tone) if tone != "subtle":
            return [_text(each)]
        case Facts(rows):
            return [_fact(row) for row in rows]
        case _:
            return None


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
        case Heading() | Facts():
            yield section("\n".join(_lines(each) or []))
        case Text(text):
            yield context(escaped(text))
        case Table():
            yield from _monospaced(each)
        case Progress():
            yield context(_bar(each))
        case Details():
            return
        case _:
            assert_never(each)


def _text(said: Text) -> str:
    sign = _SIGNS.get(said.tone, "")
    if said.text.lower().startswith(("warning", "problem")):
        sign = sign.partition("*")[0]
    return f"{sign}{escaped(said.text)}"


def _fact(fact: Fact) -> str:
    value = fact.value
    is_link = value.startswith("https://") and not set(value) & set(" <>|")
    shown = link(value, value.removeprefix("https://")) if is_link else escaped(value)
    note = f"  _{escaped(fact.note)}_" if fact.note else ""
    return f"{escaped(fact.label)}:  {shown}{note}"


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
