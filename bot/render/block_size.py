"""A message that Slack takes: not too many blocks, not too many characters."""

import json
from collections.abc import Sequence

from bot.render.block_text import Node, context, link

BLOCKS = 50
"""Source: Slack, chat.postMessage: at most 50 blocks."""
CHARACTERS = 12_000
"""Source: measured: about 13,200 characters over all blocks are refused (not documented)."""
_SMALL = 300


def fitted(blocks: Sequence[Node], page_url: str) -> list[Node]:
    """The blocks, without those that there is no room for; a sentence says so.

    The largest details go first, then what comes late; the first block and what can be pressed
    stay.
    """
    kept = [*blocks]
    while _size(kept) > CHARACTERS - _SMALL or len(kept) > BLOCKS - 1:
        candidates = [n for n in range(1, len(kept)) if kept[n]["type"] != "actions"]
        if not candidates:
            break
        del kept[max(candidates, key=lambda n: _rank(kept[n], n))]
    return kept if len(kept) == len(blocks) else [*kept, _said(page_url)]


def _rank(block: Node, place: int) -> tuple[bool, bool, int, int]:
    """The higher, the sooner it goes."""
    length = _length(block)
    folded = block["type"] == "container"
    return folded, length > _SMALL, length if folded else 0, place


def _said(page_url: str) -> Node:
    where = link(page_url, "the full page") if page_url else "Ask for the status in words to see it"
    return context(f"Not all fits here. {where}")


def _size(blocks: Sequence[Node]) -> int:
    return sum(map(_length, blocks))


def _length(block: Node) -> int:
    return len(json.dumps(block, ensure_ascii=False))
