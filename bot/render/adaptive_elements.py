"""The body elements of an Adaptive Card, from the `adaptivecards` package where it has them.

Text of people goes into text runs, which no client reads as Markdown; only headings, mentions and
links are text blocks, which clients do read so, and are escaped.
"""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from adaptivecards import containers, elements

from bot.render.printable import printable

Node: TypeAlias = dict[str, Any]
"""An element, an action or an input, as JSON."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()~#<>|!])")
_LIST = re.compile(r"^(\s*)([-+]|\d+(?=\.))", re.MULTILINE)


def escaped(text: str) -> str:
    """Text that a text block shows as it is.

    Source: the Markdown subset of text blocks; `{{DATE(...)}}` and `<at>` are read there too.
    """
    safe = _MARKDOWN.sub(r"\\\1", printable(text))
    return _LIST.sub(lambda found: f"{found[1]}{_mark(found[2])}", safe)


def _mark(start: str) -> str:
    return f"{start}\\" if start.isdigit() else f"\\{start}"


def block(text: str, **looks: Any) -> Node:
    """A text block; `text` is Markdown. `style` is not known to the package."""
    style = {"style": looks.pop("style")} if "style" in looks else {}
    return _made(elements.TextBlock, text=text, wrap=True, **looks) | style


def run(text: str, **looks: Any) -> Node:
    """A piece of a line, never read as Markdown."""
    return _made(elements.TextRun, text=printable(text).replace("{{", "{\u2009{"), **looks)


def line(*runs: Node, **looks: Any) -> Node:
    return _made(elements.RichTextBlock, inlines=[*runs], **looks)


def container(items: Sequence[Node], **looks: Any) -> Node:
    return _made(containers.Container, items=[*items], **looks)


def columns(cells: Sequence[tuple[str, Sequence[Node]]], **looks: Any) -> Node:
    """Cells beside one another: a width (`auto`, `stretch` or a weight) and what is in it."""
    made = [_made(containers.Column, width=width, items=[*items]) for width, items in cells]
    return _made(containers.ColumnSet, columns=made, **looks)


def action_set(actions: Sequence[Node]) -> Node:
    return _made(containers.ActionSet, actions=[*actions])


def _made(kind: Any, **properties: Any) -> Node:
    """The element as JSON. Raises: TypeError - the package does not know one of the properties,
    which it would leave out without a word."""
    made: Node = dict(kind(**properties).render())
    if len(made) != len(properties) + 1:
        raise TypeError(f"{kind.__name__} has no such property: {sorted(properties)} gave {made}")
    return made
