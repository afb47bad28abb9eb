"""A message in Slack as its readers have it: markup taken off, buttons that carry what they mean.

What a button's value says is the bot's own affair; only which card it belongs to is looked at.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.far.reading import Pressable, Reading

_LINK = re.compile(r"<(https?://[^|>]+)(?:\|([^>]*))?>")
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_BOLD = re.compile(r"(?<![\w*])\*([^*\n]+)\*(?!\w)")
_ITALIC = re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)")
_SPACES = re.compile(r" {2,}")
_EMOJI = re.compile(r":[a-z_]+: ?")
_JOINER = "\u2060"
_CARD = re.compile(r"(?:draft|deployment):[^\"\\\s]+")


def read(message: Mapping[str, Any], names: Mapping[str, str]) -> Reading:
    """`names` are those of the users, by their ids."""
    blocks = message.get("blocks") or ()
    marked = [text for block in blocks for text in _texts(block)] or [str(message.get("text"))]
    lines = tuple(line for text in marked for line in plain(text, names).splitlines())
    buttons = tuple(_buttons(blocks))
    about = next((found for b in buttons if (found := _about(b.element))), "")
    calls = tuple(names.get(id, id) for text in marked for id in _MENTION.findall(text))
    return Reading(lines, about, buttons, calls)


def plain(markup: str, names: Mapping[str, str]) -> str:
    """What a client shows of `mrkdwn`, as plain text."""
    text = _SPACES.sub(" ", _MENTION.sub(lambda m: names.get(m[1], m[1]), markup))
    text = _LINK.sub(lambda m: m[1] if m[2] in (None, m[1], _bare(m[1])) else m[2], text)
    text = _ITALIC.sub(r"\1", _BOLD.sub(r"\1", text)).replace("```", "")
    return html.unescape(_EMOJI.sub("", text)).replace(_JOINER, "")


def _bare(url: str) -> str:
    return url.partition("://")[2]


def choice(element: Mapping[str, Any]) -> bool:
    """Whether pressing it says what is on it."""
    return '"v":"say"' in str(element.get("value", ""))


def _texts(block: Mapping[str, Any]) -> Iterator[str]:
    """The marked-up text of a block, in reading order; buttons are none."""
    if block.get("type") in {"actions", "input"}:
        return
    for name in ("title", "text", "subtitle", "body"):
        value = block.get(name)
        if isinstance(value, dict) and "text" in value:
            yield value["text"]
        elif isinstance(value, str):
            yield value
    for name in ("fields", "elements", "child_blocks", "rows"):
        for child in block.get(name) or ():
            if isinstance(child, list):
                yield " | ".join(text for cell in child for text in _texts(cell))
            elif child.get("type") in {"mrkdwn", "plain_text"}:
                yield child["text"]
            elif child.get("type") != "button":
                yield from _texts(child)


def _buttons(blocks: Any) -> Iterator[Pressable]:
    for block in blocks:
        for element in [*(block.get("elements") or ()), block.get("accessory") or {}]:
            if element.get("type") == "button" and "value" in element:
                label = element["text"]["text"]
                yield Pressable(label.removesuffix("…"), element, label.endswith("…"))
        yield from _buttons(block.get("child_blocks") or ())


def _about(element: Mapping[str, Any]) -> str:
    value = str(element.get("value", ""))
    try:
        value = json.dumps(json.loads(value), ensure_ascii=False)
    except ValueError:
        return ""
    found = _CARD.search(value)
    return found[0] if found else ""
