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

_MARKDOWN = re.compile(
    r"[\\`*\[\]<]"  # code, emphasis, links and tags, wherever they stand
    r"|(?<![^\W_])_|_(?![^\W_])"  # emphasis at the edge of a word
    r"|~(?=~)"
    r"|^\s*[#>+-]|^\s*\d+[.)](?=\s)",  # headings, quotes and lists
    re.MULTILINE,
)


def escaped(text: str) -> str:
    """Text that a text block or a fact shows as it is; nothing else than needs it is escaped.

    Source: the Markdown subset of Adaptive Cards; `{{DATE(...)}}` is read there too.
    """
    return _MARKDOWN.sub(_escape, _undated(printable(text)))


def _escape(found: re.Match[str]) -> str:
    return f"{found[0][:-1]}\\{found[0][-1]}"


def _undated(text: str) -> str:
    return text.replace("{{", "{\u2009{")


def block(text: str, **looks: Any) -> Node:
    """A text block; `text` is Markdown. `style` is not known to the package."""
    style = {"style": looks.pop("style")} if "style" in looks else {}
    return _made(elements.TextBlock, text=text, wrap=True, **looks) | style


def run(text: str, **looks: Any) -> Node:
    """A piece of a line, never read as Markdown."""
    return _made(elements.TextRun, text=_undated(printable(text)), **looks)


def line(*runs: Node, **looks: Any) -> Node:
    return _made(elements.RichTextBlock, inlines=[*runs], **looks)


def fact_set(facts: Sequence[tuple[str, str]]) -> Node:
    """Small rows of a title and a value, both Markdown."""
    made = [dict(containers.Fact(title=title, value=value).render()) for title, value in facts]
    return _made(containers.FactSet, facts=made)


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
