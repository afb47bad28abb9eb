"""The buttons of a card as actions, for everybody or for one person."""

from collections.abc import Mapping, Sequence

from approvals.principals import PrincipalId
from bot.render.adaptive_actions import Execute, ShowCard
from bot.render.adaptive_elements import Node, action_set, container, line, run
from bot.render.adaptive_inputs import Input
from bot.render.pressed import REFRESH
from orchestration.cards.model import Button, Card

_ROW = 248
"""Pixels in a row: buttons that do not fit beside one another are cut, in a narrow chat too."""
_AT_MOST = 6
"""Source: Teams, card design: at most six actions in a set."""
_LETTER, _BORDERS, _GAP = 7, 26, 8


def buttons_for(card: Card, viewer: PrincipalId | None) -> list[Button]:
    """Those that the person is meant to see; for None, those that everybody is."""
    return [b for b in card.buttons if b.audience is None or (viewer in b.audience)]


def opened(shown: Sequence[Button], filled: Mapping[str, str]) -> Button | None:
    """The button whose inputs are drawn open: it is asked again, or was filled in before."""
    names = set(filled)
    asking = [b for b in shown if any(field.problem for field in b.inputs)]
    matching = [b for b in shown if names & {field.name for field in b.inputs}]
    closest = sorted(matching, key=lambda b: len(names ^ {field.name for field in b.inputs}))
    return next(iter([*closest, *asking]), None)


def form(card: Card, button: Button, filled: Mapping[str, str]) -> Node:
    """A button's inputs and the button, open."""
    submit = _execute(card, button)
    items = _inputs(card, button, filled)
    return container([*items, action_set([submit.json()])], style="emphasis")


def actions(card: Card, shown: Sequence[Button], filled: Mapping[str, str]) -> list[Node]:
    return [_action(card, button, filled) for button in shown]


def rows(pressable: Sequence[Node]) -> list[Node]:
    """Sets of buttons, each narrow enough for a narrow chat."""
    sets: list[list[Node]] = []
    left = 0
    for action in pressable:
        width = len(action["title"]) * _LETTER + _BORDERS
        if not sets or width > left or len(sets[-1]) == _AT_MOST:
            sets.append([])
            left = _ROW
        sets[-1].append(action)
        left -= width + _GAP
    return [action_set(each) | {"spacing": "Small"} for each in sets]


def show_mine(card: Card) -> Node:
    """What asks for the buttons that are meant for oneself."""
    return Execute("Show my buttons", card.id, REFRESH, {}).json()


def _action(card: Card, button: Button, filled: Mapping[str, str]) -> Node:
    execute = _execute(card, button)
    if not button.inputs:
        return execute.json()
    return ShowCard(button.label, _inputs(card, button, filled), execute).json()


def _execute(card: Card, button: Button) -> Execute:
    suffix = _suffix(card, button) if button.inputs else ""
    return Execute(button.label, card.id, button.verb, button.data, suffix, button.tone)


def _inputs(card: Card, button: Button, filled: Mapping[str, str]) -> list[Node]:
    items: list[Node] = []
    for field in button.inputs:
        if field.problem:
            items.append(line(run(field.problem, color="Attention", weight="Bolder")))
        value = filled.get(field.name, field.value)
        items.append(Input(f"{field.name}{_suffix(card, button)}", field, value).json())
    return items


def _suffix(card: Card, button: Button) -> str:
    """Input ids are one name space for the whole card."""
    return f"~{card.buttons.index(button)}"
