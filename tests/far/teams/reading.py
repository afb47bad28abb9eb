"""A message in Teams as its readers have it.

What the data of a button says is the bot's own affair; only which card it belongs to is looked at.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.far.reading import Pressable, Reading
from tests.far.teams.adaptive import Action, Element, actions, card_of, plain, texts
from tests.far.teams.person import REFRESH

_CARD = re.compile(r"(?:draft|deployment):[^\"\\\s]+")
_AT = re.compile(r"<at>(.*?)</at>")


def read(activity: Mapping[str, Any]) -> Reading:
    """What everybody in the conversation sees."""
    card = card_of(activity)
    if card is not None:
        return read_card(card)
    text = str(activity.get("text") or "")
    offered = (activity.get("suggestedActions") or {}).get("actions") or ()
    buttons = tuple(Pressable(each["title"], each) for each in offered)
    calls = tuple(_AT.findall(text))
    return Reading(tuple(plain(text).strip().splitlines()), "", buttons, calls)


def read_card(card: Element, seen_by: frozenset[str] | None = None) -> Reading:
    lines = tuple(line for text in texts(card) for line in text.splitlines())
    buttons = tuple(_buttons(card, seen_by))
    about = next((found for b in buttons if (found := _about(b.element))), "")
    said = json.dumps(card.get("body") or (), ensure_ascii=False)
    refresh = json.dumps(card.get("refresh") or {}, ensure_ascii=False)
    found = _CARD.search(refresh)
    return Reading(lines, about or (found[0] if found else ""), buttons, tuple(_AT.findall(said)))


def choice(element: Any) -> bool:
    """Whether pressing it says what is on it."""
    return not isinstance(element, Action) or element.verb == "say"


def _buttons(card: Element, seen_by: frozenset[str] | None) -> Iterator[Pressable]:
    for action in actions(card):
        if action.kind in {"Action.Execute", "Action.Submit"} and action.verb != REFRESH:
            yield Pressable(action.title, action, bool(action.inputs), seen_by)


def _about(action: Action) -> str:
    found = _CARD.search(json.dumps(action.data, ensure_ascii=False))
    return found[0] if found else ""
