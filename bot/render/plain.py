"""Card -> plain JSON, for `--json`; every fact that the other renderers draw is in it."""

from typing import Any, assert_never

from orchestration.cards.model import (
    Block,
    Button,
    Card,
    Details,
    Facts,
    Heading,
    Progress,
    Table,
    Text,
)


def plain_card(card: Card) -> dict[str, Any]:
    """The card as a JSON object; buttons carry the number that presses them."""
    return {
        "id": card.id,
        "kind": card.kind,
        "lead": card.lead,
        "title": card.title,
        "tone": card.tone,
        "page": card.page,
        "blocks": [_block(block) for block in card.blocks],
        "buttons": [_button(number, button) for number, button in enumerate(card.buttons, 1)],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading(text):
            return {"type": "heading", "text": text}
        case Text(text, tone):
            return {"type": "text", "text": text, "tone": tone}
        case Facts(rows):
            facts = [{"label": f.label, "value": f.value, "note": f.note} for f in rows]
            return {"type": "facts", "rows": facts}
        case Table(columns, rows):
            return {"type": "table", "columns": list(columns), "rows": [list(r) for r in rows]}
        case Progress(label, done, total):
            return {"type": "progress", "label": label, "done": done, "total": total}
        case Details(label, blocks):
            return {"type": "details", "label": label, "blocks": [_block(b) for b in blocks]}
        case _:
            assert_never(block)


def _button(number: int, button: Button) -> dict[str, Any]:
    return {
        "number": number,
        "label": button.label,
        "verb": button.verb,
        "data": dict(button.data),
        "tone": button.tone,
        "audience": None if button.audience is None else sorted(button.audience),
        "inputs": [
            {
                "name": field.name,
                "label": field.label,
                "value": field.value,
                "choices": list(field.choices),
                "required": field.required,
                "long": field.long,
                "problem": field.problem,
            }
            for field in button.inputs
        ],
    }
