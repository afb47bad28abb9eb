"""What a button carries in its value, so that a click can be answered without the store.

A form opens within three seconds of the click, before anything is read, so its fields are in the
value too, as many as there is room for.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.render.pressed import Pressed, not_ours, word_of, words_of
from orchestration.cards.model import Button, InputField

AT_MOST = 2000
"""Source: Slack, button element: `value` has at most 2,000 characters."""
_METADATA = 3000
"""Source: Slack, views: `private_metadata` has at most 3,000 characters."""


@dataclass(frozen=True, slots=True)
class Carried:
    """`fields` may be fewer than the button asks for: the rest is asked when these are given."""

    pressed: Pressed
    label: str
    fields: tuple[InputField, ...] = ()


def value_of(card: str, button: Button) -> str | None:
    """The value of a button; None when there is no room for it."""
    return _fitting(card, button, AT_MOST)


def read(value: Any) -> Carried:
    """Raises: UserError - it is not of a button of ours."""
    try:
        body = json.loads(word_of(value, "it says nothing"))
    except ValueError as error:
        raise not_ours("it says nothing that I know") from error
    if not isinstance(body, Mapping):
        raise not_ours("it says nothing that I know")
    pressed = Pressed(
        word_of(body.get("c"), "it names no card"),
        word_of(body.get("v"), "it names nothing to do"),
        words_of(body.get("d", {}), "what it is about is missing"),
    )
    fields = body.get("f", [])
    if not isinstance(fields, list):
        raise not_ours("its form is missing")
    label = word_of(body.get("l", ""), "it has no name")
    return Carried(pressed, label, tuple(map(_field, fields)))


def metadata_of(pressed: Pressed) -> str:
    """What a form brings back besides the answers. Raises: UserError - there is no room for it."""
    text = _json({"c": pressed.card, "v": pressed.verb, "d": dict(pressed.data)})
    if len(text) > _METADATA:
        raise not_ours("it is about too much at once")
    return text


def _fitting(card: str, button: Button, limit: int) -> str | None:
    body: dict[str, Any] = {"c": card, "v": button.verb, "d": dict(button.data)}
    if not button.inputs:
        return _within(body, limit)
    body["l"] = button.label
    for count in range(len(button.inputs), 0, -1):
        fields = [_short(field) for field in button.inputs[:count]]
        if (text := _within(body | {"f": fields}, limit)) is not None:
            return text
    return None


def _within(body: Mapping[str, Any], limit: int) -> str | None:
    text = _json(body)
    return text if len(text) <= limit else None


def _short(field: InputField) -> list[Any]:
    """Name, label, value, choices, flags; what is empty at the end is left out."""
    flags = ("r" if field.required else "") + ("l" if field.long else "")
    row: list[Any] = [field.name, field.label, field.value, [*field.choices], flags, field.problem]
    while row and not row[-1]:
        row.pop()
    return row


def _field(row: Any) -> InputField:
    if not isinstance(row, list) or not 1 <= len(row) <= 6:
        raise not_ours("its form is missing")
    missing: list[Any] = ["", "", "", [], "", ""]
    name, label, value, choices, flags, problem = row + missing[len(row) :]
    what = "its form is missing"
    if choices and not isinstance(choices, list):
        raise not_ours(what)
    return InputField(
        word_of(name, what),
        word_of(label, what) or name,
        word_of(value, what),
        tuple(word_of(choice, what) for choice in choices or []),
        "r" in word_of(flags, what),
        "l" in flags,
        word_of(problem, what),
    )


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
