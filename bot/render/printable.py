"""Text of people and vendors, without what is not to be seen."""

import re

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)


def printable(text: str) -> str:
    """The text with `·` for every character that moves a cursor, turns writing or hides itself."""
    return _UNPRINTABLE.sub("·", text.replace("\r\n", "\n").replace("\t", " "))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, with `…` where something is left out."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
