"""A card that Teams takes: not too large."""

from collections.abc import Sequence

import orjson

from bot.render.adaptive_elements import Node, line, run

LARGEST = 25_000
"""Bytes of a card. Source: Teams takes about 28 KB of card, a message of 100 KB as UTF-16."""

_SENTENCE = 500
"""Kept free for what is said when something is left out."""


def fitted(
    head: Sequence[Node],
    face: Sequence[Node],
    buttons: Sequence[Node],
    folded: Sequence[tuple[Node, Node]],
    beside: Node,
    *,
    page: bool,
) -> list[Node]:
    """The body; without the largest details, then without the end of the face, if it would be too
    large with what is `beside` it on the card. What is wanted and what can be pressed stays, and a
    sentence says that more is left, and where."""
    shown, details, room = [*face], [*folded], LARGEST - _SENTENCE - _size([beside])
    while (shown or details) and _size([*head, *shown, *buttons, *_flat(details)]) > room:
        if details:
            details.remove(max(details, key=lambda pair: _size([*pair])))
        else:
            shown.pop()
    cut = len(shown) < len(face) or len(details) < len(folded)
    where = "the full page has the rest" if page else "ask me for the rest"
    more = line(run(f"Not all fits here; {where}.", isSubtle=True))
    return [*head, *shown, *buttons, *_flat(details), *([more] if cut else [])]


def _flat(details: Sequence[tuple[Node, Node]]) -> list[Node]:
    return [node for pair in details for node in pair]


def _size(nodes: Sequence[Node]) -> int:
    return len(orjson.dumps(nodes))
