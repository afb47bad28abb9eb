"""Slack's text markup, read and written.

Source: Slack, "Formatting message text": `& < >` are escaped, `<...>` is a link or a mention.
"""

import html
import re
from datetime import datetime

_MARKED = re.compile(r"<([^<>]*)>")
_URL = re.compile(r"https?://[^\s<>|]*[^\s<>|.,;:!?)\]}'\"]")


def escaped(text: str) -> str:
    """Text in which nothing is a mention or a link that hides where it goes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def linked(text: str) -> str:
    """Escaped text whose addresses are links that show where they go."""
    parts, end = [], 0
    for found in _URL.finditer(text):
        parts += [escaped(text[end : found.start()]), f"<{escaped(found.group())}>"]
        end = found.end()
    return "".join([*parts, escaped(text[end:])])


def link(url: str, label: str) -> str:
    """A link with a label; only the label when the address is none that a person can follow."""
    if not _URL.fullmatch(url):
        return escaped(label)
    return f"<{escaped(url)}|{escaped(label).replace('|', '¦')}>"


def day(at: datetime) -> str:
    """A date as the reader's own client writes it. Source: Slack, date formatting."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}}|{at:%Y-%m-%d}>"


def mention(user: str) -> str:
    return f"<@{user}>"


def read(text: str, *, me: str) -> str:
    """What a person wrote, as plain text, without the mention of the bot itself."""
    plain = _MARKED.sub(lambda found: _plain(found.group(1), me), text)
    return html.unescape(plain).lstrip(" \t\n,:").rstrip()


def mentions(text: str, user: str) -> bool:
    """Whether the raw text mentions the user."""
    return bool(user) and re.search(rf"<@{re.escape(user)}(\|[^<>]*)?>", text) is not None


def _plain(marked: str, me: str) -> str:
    target, _, label = marked.partition("|")
    match target[:1]:
        case "@":
            return "" if target[1:] == me else f"@{label or target[1:]}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return label or f"@{target[1:].partition('^')[0]}"
        case _:
            shown = not label or target.removeprefix("mailto:").endswith(label)
            return (label or target) if shown else f"{label} ({target})"
