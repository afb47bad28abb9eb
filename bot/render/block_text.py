"""Text in Block Kit: everything that people or vendors wrote is shown as it is."""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from approvals.principals import PrincipalId
from bot.render.mention import Mention
from bot.render.printable import cut, printable

Node: TypeAlias = dict[str, Any]

SECTION = 3000
"""Source: Slack, section block: a text has at most 3,000 characters."""
_MEMBER = re.compile(r"[UW][A-Z0-9]{2,}")
_MARKS = re.compile(r"(?<!\w)[*_~`]|[*_~`](?!\w)|:(?=[\w+'-]+:)")
_BAR = "\u2060"
"""A word joiner: between a mark and its word, it makes the mark an ordinary character."""


def escaped(text: str) -> str:
    """Text that `mrkdwn` shows as it is: it cannot mention, link or be bold.

    Source: Slack, formatting text: only `&`, `<` and `>` are control characters; `*_~` and
    backquotes format where they stand at the edge of a word, and `:name:` is an emoji.
    """
    safe = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(lambda found: f"{_BAR}{found[0]}{_BAR}", safe)


def fenced(text: str) -> str:
    """Text of several lines in a monospaced font."""
    safe = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "```" + safe.replace("```", f"`{_BAR}`{_BAR}`") + "```"


def bold(text: str) -> str:
    return f"*{escaped(text)}*" if text.strip() else ""


def plain(text: str, limit: int) -> Node:
    """A text of a button, a title, a label. Not empty, and no `:emoji:` is made of it."""
    return {"type": "plain_text", "text": cut(printable(text), limit) or "…", "emoji": False}


def mrkdwn(markup: str, limit: int = SECTION) -> Node:
    """`verbatim`: channels and links that are not marked up by us are not made of it."""
    return {"type": "mrkdwn", "text": cut(markup, limit) or " ", "verbatim": True}


def section(markup: str) -> Node:
    return {"type": "section", "text": mrkdwn(markup), "expand": True}


def context(markup: str) -> Node:
    return {"type": "context", "elements": [mrkdwn(markup)]}


def preformatted(text: str) -> Node:
    """Several lines in a monospaced font; nothing in them is markup."""
    lines = {
        "type": "rich_text_preformatted",
        "elements": [{"type": "text", "text": printable(text) or " "}],
    }
    return {"type": "rich_text", "elements": [lines]}


def link(url: str, text: str) -> str:
    """Source: Slack, formatting text: `<url|text>`."""
    safe = url.replace("&", "&amp;").replace("|", "%7C").replace(">", "%3E").replace("<", "%3C")
    return f"<{safe}|{escaped(text).replace('|', '¦')}>"


def mention(person: PrincipalId, mentions: Mapping[PrincipalId, Mention]) -> str:
    """The markup that tells somebody, or the name where nobody would be told."""
    found = mentions.get(person)
    if found is None:
        return escaped(person)
    told = _MEMBER.fullmatch(found.address)
    return f"<@{found.address}>" if told else escaped(found.name)
