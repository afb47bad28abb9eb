"""Text to and from Teams: what somebody wrote without the markup, plain words as its Markdown."""

import re
from collections.abc import Iterable

_TAG = re.compile(r"</?at(?: [^<>]{0,100})?>")
_AS_IT_IS = re.compile(r"(https?://\S+|`[^`\n<>&]{1,200}`)")
"""Addresses, and what we put in backticks ourselves."""
_SPECIAL = re.compile(r"([\\`*_~\[\]#|])")


def spoken_text(text: str, own_mentions: Iterable[str] = ()) -> str:
    """What a person said: without the bot's mention, and with others' mentions as their names."""
    for mention in own_mentions:
        text = text.replace(mention, " ") if mention else text
    text = _TAG.sub("", text.replace("&nbsp;", " ").replace("\u00a0", " "))
    return text.replace("\r\n", "\n").strip()


def as_markdown(text: str) -> str:
    """Plain words so that Teams shows them as they are, each line on its own line."""
    parts = _AS_IT_IS.split(text)
    escaped = (_html(part) if i % 2 else _escaped(part) for i, part in enumerate(parts))
    lines = "".join(escaped).split("\n")
    return "\n".join(
        _ended(line, after) for line, after in zip(lines, [*lines[1:], ""], strict=True)
    )


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", _html(text))


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _ended(line: str, after: str) -> str:
    """Two spaces keep Markdown from joining a line with the one after it."""
    return f"{line}  " if line.strip() and after.strip() else line
