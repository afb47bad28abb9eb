"""What a card says, in Block Kit: modern blocks, or those that every client knows."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from bot.render.block_tables import is_wide, monospaced, native_table
from bot.render.block_text import (
    SECTION,
    Node,
    bold,
    context,
    escaped,
    link,
    plain,
    section,
)
from bot.render.printable import cut
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

_BAR = 20
_CHILDREN, _TITLE = 10, 150


def face(blocks: Sequence[Block]) -> Iterator[Node]:
    """What is not folded; lines that belong together in one section, as many as it may hold."""
    lines: list[str] = []
    for each in blocks:
        said = _lines(each)
        if said is None or isinstance(each, Heading):
            yield from _sections(lines)
            lines = []
        if said is None:
            yield from _drawn(each)
        else:
            lines += said
    yield from _sections(lines)


def written(blocks: Sequence[Block]) -> list[str]:
    """What is not folded and can be said in lines."""
    return [text for each in blocks for text in _lines(each) or []]


def _sections(lines: Sequence[str]) -> Iterator[Node]:
    begun: list[str] = []
    for text in lines:
        if begun and sum(map(len, begun)) + len(begun) + len(text) > SECTION:
            yield section("\n".join(begun))
            begun = []
        begun.append(cut(text, SECTION))
    if begun:
        yield section("\n".join(begun))


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


def folded(blocks: Sequence[Block]) -> Iterator[Node]:
    """Details in containers that a click opens. A message may have one table, so the first of the
    details that has exactly one shows it as such."""
    table_left = True
    for each in blocks:
        if isinstance(each, Details):
            tables = [inner for inner in each.blocks if isinstance(inner, Table)]
            native = table_left and len(tables) == 1 and not is_wide(tables[0])
            table_left = table_left and not native
            yield _folding(each, native)


def unfolded(blocks: Sequence[Block]) -> Iterator[Node]:
    """Details where they cannot be folded."""
    for each in blocks:
        if isinstance(each, Details):
            yield section(bold(each.label))
            yield from face(each.blocks)


def _folding(details: Details, native: bool) -> Node:
    """Source: Slack, container block: at most 10 children; sections and tables are safe ones."""
    children: list[Node] = []
    for each in details.blocks:
        if isinstance(each, Table):
            children.append(native_table(each) if native else monospaced(each, fence=True))
        else:
            children += face([each])
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
            yield monospaced(each, fence=False)
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
    return f"{escaped(f'{fact.label}:')}  {shown}{note}"


def _bar(progress: Progress) -> str:
    done = min(max(progress.done, 0), progress.total)
    full = _BAR * done // progress.total if progress.total else 0
    bar = "█" * full + "░" * (_BAR - full)
    return f"{bar}  {done} of {progress.total}  {escaped(progress.label)}"
