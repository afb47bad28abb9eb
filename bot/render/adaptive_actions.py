"""Actions of Adaptive Cards, which the `adaptivecards` package does not have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.render.adaptive_elements import Node
from bot.render.pressed import REFRESH
from bot.render.printable import cut, printable
from orchestration.cards.model import Tone

_TITLE = 60
_REFRESHED = 60
"""Source: Teams, universal actions: at most 60 user ids are refreshed by themselves."""
_STYLES: Mapping[Tone, Literal["positive", "destructive"]] = {
    "good": "positive",
    "bad": "destructive",
}


@dataclass(frozen=True, slots=True)
class Execute:
    """Comes back as an invoke, or as a message where a client does not know how."""

    title: str
    card: str
    verb: str
    data: Mapping[str, str]
    form: str = ""
    """What ends the ids of the inputs that belong to it."""
    tone: Tone = "plain"

    def json(self) -> Node:
        shown = {"title": cut(printable(self.title), _TITLE), **_style(self.tone)}
        inputs = {} if self.form else {"associatedInputs": "none"}
        brought = {"data": self._data(), **inputs}
        return {
            "type": "Action.Execute",
            "verb": self.verb,
            **shown,
            **brought,
            "fallback": {"type": "Action.Submit", **shown, **brought},
        }

    def _data(self) -> Node:
        said = {"card": self.card, "verb": self.verb, "data": dict(self.data)}
        return {"signoff": said | ({"form": self.form} if self.form else {})}


@dataclass(frozen=True, slots=True)
class ShowCard:
    """A button that opens what is to be filled in."""

    title: str
    body: Sequence[Node]
    submit: Execute

    def json(self) -> Node:
        card = {
            "type": "AdaptiveCard",
            "body": [*self.body],
            "actions": [self.submit.json()],
        }
        title = cut(printable(self.title), _TITLE)
        return {"type": "Action.ShowCard", "title": title, **_style(self.submit.tone), "card": card}


@dataclass(frozen=True, slots=True)
class Toggle:
    """Shows or hides an element."""

    title: str
    element: str

    def json(self) -> Node:
        title = cut(printable(self.title), _TITLE)
        targets = [self.element]
        return {"type": "Action.ToggleVisibility", "title": title, "targetElements": targets}


@dataclass(frozen=True, slots=True)
class OpenUrl:
    title: str
    url: str

    def json(self) -> Node:
        return {"type": "Action.OpenUrl", "title": self.title, "url": self.url}


@dataclass(frozen=True, slots=True)
class Refresh:
    """Draws the card anew for those who see it, by themselves for the people named."""

    card: str
    people: Sequence[str]

    def json(self) -> Node:
        action = Execute("Show my buttons", self.card, REFRESH, {}).json()
        return {"action": action, "userIds": [*self.people][:_REFRESHED]}


def _style(tone: Tone) -> Node:
    return {"style": _STYLES[tone]} if tone in _STYLES else {}
