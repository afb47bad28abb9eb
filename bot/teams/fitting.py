"""A card made as small as Teams takes it, which says what it leaves out."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from orchestration.cards.model import Block, Card, Details, Facts, Table, Text

MOST_BYTES = 25_000
"""Of an activity as JSON. Source: "Format your bot messages": about 28 KB with its envelope in
the strictest client."""
_ROWS = (40, 10, 3)
_LONGEST_TEXT = 1_500

Draw: TypeAlias = Callable[[Card], Mapping[str, Any]]


def fitted(card: Card, draw: Draw, *, page: bool) -> Mapping[str, Any]:
    """The first drawing that fits: whole, without folded details, with fewer rows, fewer blocks."""
    drawn = draw(card)
    for smaller in _smaller(card, page):
        if size(drawn) <= MOST_BYTES:
            break
        drawn = draw(smaller)
    return drawn


def size(drawn: Mapping[str, Any]) -> int:
    return len(json.dumps(drawn, ensure_ascii=False).encode())


def _smaller(card: Card, page: bool) -> Iterator[Card]:
    where = "the full page shows it all." if page else "ask me for the part that you need."
    note = Text(f"This is too long to be shown here in full; {where}", "warning")
    blocks: tuple[Block, ...] = tuple(b for b in card.blocks if not isinstance(b, Details))
    yield replace(card, blocks=(note, *blocks))
    for most in _ROWS:
        blocks = tuple(_cut(block, most) for block in blocks)
        yield replace(card, blocks=(note, *blocks))
    while blocks:
        blocks = blocks[: len(blocks) // 2]
        yield replace(card, blocks=(note, *blocks))


def _cut(block: Block, most: int) -> Block:
    match block:
        case Table(columns, rows) if len(rows) > most:
            more = (f"... and {len(rows) - most} more", *[""] * (len(columns) - 1))
            return Table(columns, (*rows[:most], more))
        case Facts(rows) if len(rows) > most:
            return Facts(rows[:most])
        case Text(text, tone) if len(text) > _LONGEST_TEXT:
            return Text(f"{text[:_LONGEST_TEXT]} ...", tone)
        case _:
            return block
