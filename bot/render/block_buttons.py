"""The buttons of a card in Block Kit."""

from collections.abc import Iterator, Sequence

from bot.render.block_text import Node, context, link, plain
from bot.render.block_values import value_of
from orchestration.cards.model import Button, Card, Tone

AT_ONCE = 25
"""Source: Slack, actions block: at most 25 elements."""
_LABEL = 75
_URL = 3000
_STYLES: dict[Tone, str] = {"good": "primary", "bad": "danger"}


def action_blocks(card: Card, buttons: Sequence[Button], page_url: str) -> Iterator[Node]:
    """Rows of buttons; one whose value has no room leads to the page, or is named in words."""
    made = [_button(card, button, number, page_url) for number, button in enumerate(buttons)]
    elements = [each for each in made if each]
    for at in range(0, len(elements), AT_ONCE):
        row = elements[at : at + AT_ONCE]
        yield {"type": "actions", "block_id": f"buttons-{at // AT_ONCE}", "elements": row}
    left = [b.label for b, each in zip(buttons, made, strict=True) if not each]
    if left:
        yield context(f"Say it instead, there is no room for a button: {', '.join(left)}")


def page_link(page_url: str) -> list[Node]:
    return [context(link(page_url, "Open the full page"))] if page_url else []


def _button(card: Card, button: Button, number: int, page_url: str) -> Node | None:
    value = value_of(card.id, button)
    style = {"style": _STYLES[button.tone]} if button.tone in _STYLES else {}
    label = f"{button.label}…" if button.inputs else button.label
    made: Node = {
        "type": "button",
        "action_id": f"{button.verb[:200]}-{number}",
        "text": plain(label, _LABEL),
        **style,
    }
    if value is not None:
        asks = {} if button.inputs or button.tone != "bad" else {"confirm": _confirm(card, button)}
        return made | {"value": value} | asks
    return made | {"url": page_url} if page_url and len(page_url) <= _URL else None


def _confirm(card: Card, button: Button) -> Node:
    """A last question before something that hurts; a form asks by itself."""
    return {
        "title": plain(f"{button.label}?", 100),
        "text": plain(card.title or card.lead, 300),
        "confirm": plain(button.label, 30),
        "deny": plain("No", 30),
        "style": "danger",
    }
