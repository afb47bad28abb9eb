"""A message that Slack takes: not too many blocks, not too many characters."""

import json
from collections.abc import Sequence

from bot.render.block_text import Node, context, link

BLOCKS = 50
"""Source: Slack, chat.postMessage: at most 50 blocks."""
CHARACTERS = 12_000
"""Source: measured: about 13,200 characters over all blocks are refused (not documented)."""
_KEPT = frozenset({"actions"})


def fitted(blocks: Sequence[Node], page_url: str) -> list[Node]:
    """The blocks, without the largest ones that there is no room for; a sentence says so.

    What comes first and what can be pressed stays.
    """
    kept = [*blocks]
    left = 0
    while _size(kept) > CHARACTERS - 300 or len(kept) > BLOCKS - (1 if left else 0):
        candidates = [n for n in range(1, len(kept)) if kept[n]["type"] not in _KEPT]
        if not candidates:
            break
        del kept[max(candidates, key=lambda n: (_length(kept[n]), n))]
        left += 1
    return [*kept, _said(page_url)] if left else kept


def _said(page_url: str) -> Node:
    where = link(page_url, "the full page") if page_url else "Ask for the status in words to see it"
    return context(f"Not all fits here. {where}")


def _size(blocks: Sequence[Node]) -> int:
    return sum(map(_length, blocks))


def _length(block: Node) -> int:
    return len(json.dumps(block, ensure_ascii=False))
