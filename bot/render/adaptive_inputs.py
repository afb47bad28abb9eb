"""Inputs of Adaptive Cards, which the `adaptivecards` package does not have."""

from dataclasses import dataclass

from bot.render.adaptive_elements import Node
from bot.render.printable import cut, printable
from orchestration.cards.model import InputField

_MOST = 4000
"""Characters of an answer; what is longer is said in a message."""


@dataclass(frozen=True, slots=True)
class Input:
    """A field to fill in. `id` is unique on the whole card, whatever button it belongs to."""

    id: str
    field: InputField
    value: str

    def json(self) -> Node:
        common: Node = {"id": self.id, "label": printable(self.field.label)}
        if self.field.required:
            common |= {"isRequired": True, "errorMessage": "Please fill this in."}
        return common | (self._choices() if self.field.choices else self._text())

    def _text(self) -> Node:
        value = {"value": cut(printable(self.value), _MOST)} if self.value else {}
        kind = {"type": "Input.Text", "isMultiline": self.field.long, "maxLength": _MOST}
        return {**kind, **value}

    def _choices(self) -> Node:
        known = self.value in self.field.choices
        return {
            "type": "Input.ChoiceSet",
            "style": "compact",
            "placeholder": "Choose",
            "choices": [{"title": printable(c), "value": c} for c in self.field.choices],
            **({"value": self.value} if known else {}),
        }
