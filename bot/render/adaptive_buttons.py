"""The buttons of a card as actions, for everybody or for one person."""

from collections.abc import Mapping, Sequence

from approvals.principals import PrincipalId
from bot.render.adaptive_actions import Execute, ShowCard
from bot.render.adaptive_elements import Node, container, line, run
from bot.render.adaptive_inputs import Input
from bot.render.pressed import REFRESH
from orchestration.cards.model import Button, Card

AT_MOST = 6
"""Source: Teams design guidance and host configuration: six actions in a row."""


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
    actions: Node = {"type": "ActionSet", "actions": [submit.json()]}
    return container([*items, actions], style="emphasis")


def actions(card: Card, shown: Sequence[Button], filled: Mapping[str, str]) -> list[Node]:
    return [_action(card, button, filled) for button in shown]


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
