"""The form of a button in Slack, and what comes back from it."""

from collections.abc import Mapping
from typing import Any

from bot.render.block_text import Node, bold, plain, section
from bot.render.block_values import Carried, metadata_of, read
from bot.render.pressed import Pressed, not_ours
from bot.render.printable import cut
from orchestration.cards.model import InputField

CALLBACK = "signoff-form"
_TITLE, _LABEL, _CHOICE, _CHOICES, _LONGEST, _VALUE = 24, 2000, 75, 100, 3000, 150


def view(carried: Carried) -> Node:
    """Source: Slack, views: a title has at most 24 characters, a view 100 blocks."""
    blocks = [each for field in carried.fields[:50] for each in _asked(field)]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(carried.label or "Signoff", _TITLE),
        "submit": plain(carried.label or "Submit", _TITLE),
        "close": plain("Back", _TITLE),
        "private_metadata": metadata_of(carried.pressed),
        "blocks": blocks,
    }


def answered(sent: Mapping[str, Any]) -> Pressed:
    """What a submitted form says. Raises: UserError - it is not a form of ours."""
    pressed = read(sent.get("private_metadata")).pressed
    state = sent.get("state")
    values = state.get("values") if isinstance(state, Mapping) else None
    if not isinstance(values, Mapping):
        raise not_ours("it was sent without answers")
    found = [_answer(name, block) for name, block in values.items()]
    return Pressed(pressed.card, pressed.verb, pressed.data, dict(found))


def _asked(field: InputField) -> list[Node]:
    why = [section(bold(field.problem))] if field.problem else []
    return [
        *why,
        {
            "type": "input",
            "block_id": field.name,
            "optional": not field.required,
            "label": plain(field.label, _LABEL),
            "element": _choices(field) if field.choices else _text(field),
        },
    ]


def _text(field: InputField) -> Node:
    value = {"initial_value": cut(field.value, _LONGEST)} if field.value else {}
    kind = {"type": "plain_text_input", "action_id": "answer", "multiline": field.long}
    return {**kind, "max_length": _LONGEST, **value}


def _choices(field: InputField) -> Node:
    """A choice's value is its place among the choices: values are short, choices may not be."""
    options = [
        {"text": plain(choice, _CHOICE), "value": choice[:_VALUE]}
        for choice in field.choices[:_CHOICES]
    ]
    chosen = [option for option in options if option["value"] == field.value]
    first = {"initial_option": chosen[0]} if chosen else {}
    return {"type": "static_select", "action_id": "answer", "options": options, **first}


def _answer(name: Any, block: Any) -> tuple[str, str]:
    answer = block.get("answer") if isinstance(block, Mapping) else None
    if not isinstance(name, str) or not isinstance(answer, Mapping):
        raise not_ours("an answer cannot be read")
    option = answer.get("selected_option")
    said = option.get("value") if isinstance(option, Mapping) else answer.get("value")
    if said is not None and not isinstance(said, str):
        raise not_ours("an answer is no text")
    return name, said or ""
