"""Card -> Block Kit, for Slack; and what comes back from one."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from approvals.principals import PrincipalId
from bot.render import block_body, block_modal
from bot.render.block_buttons import action_blocks, page_link
from bot.render.block_size import fitted
from bot.render.block_text import Node, bold, escaped, link, mention, section
from bot.render.block_values import read
from bot.render.mention import Mention
from bot.render.pressed import SAY, Pressed
from bot.render.printable import cut
from orchestration.cards.model import Button, Card, InputField
from orchestration.messages import Reply

Profile: TypeAlias = Literal["modern", "classic", "text"]
_TEXT = 3000


def block_message(
    card: Card,
    *,
    page_url: str = "",
    profile: Profile = "modern",
) -> dict[str, Any]:
    """`text` and `blocks` of a message: `modern` has blocks that fold, `classic` those that every
    client knows, `text` none at all."""
    fallback = cut(escaped(f"{card.lead}\n{card.title}".strip()), _TEXT)
    if profile == "text":
        return {"text": _words(card, page_url), "blocks": []}
    blocks = [
        *_top(card),
        *block_body.face(card.blocks),
        *action_blocks(card, card.buttons, page_url),
        *_details(card, page_url, profile),
        *page_link(page_url),
    ]
    return {"text": fallback, "blocks": fitted(blocks, page_url)}


def block_reply(reply: Reply, *, mentions: Mapping[PrincipalId, Mention] = {}) -> dict[str, Any]:
    """A question with its choices, a refusal, or plain words."""
    called = dict.fromkeys(each for each in (reply.to, *reply.calls) if each)
    to = "".join(f"{mention(person, mentions)} " for person in called if person in mentions)
    card = Card("", "question", "", "")
    choices = [Button(text, SAY, {"text": text}) for text in reply.choices]
    said = [section(to + escaped(part)) for part in _parts(reply.text)]
    return {
        "text": cut(escaped(reply.text), _TEXT),
        "blocks": fitted([*said, *action_blocks(card, choices, "")], ""),
    }


def pressed(action: Mapping[str, Any]) -> Pressed:
    """What one action of a `block_actions` says. Raises: UserError - it is no button of ours."""
    return read(action.get("value")).pressed


def form(action: Mapping[str, Any]) -> tuple[InputField, ...]:
    """What the button asks for before it counts. Raises: UserError - it is no button of ours."""
    return read(action.get("value")).fields


def modal(action: Mapping[str, Any]) -> dict[str, Any]:
    """The view that asks for it. Raises: UserError - it is no button of ours."""
    return block_modal.view(read(action.get("value")))


def submitted(view: Mapping[str, Any]) -> Pressed:
    """What a `view_submission`'s view says. Raises: UserError - it is no form of ours."""
    return block_modal.answered(view)


def _top(card: Card) -> Iterator[Node]:
    title = f"\n{escaped(card.title)}" if card.title else ""
    yield section(bold(card.lead) + title)


def _details(card: Card, page_url: str, profile: Profile) -> Iterator[Node]:
    """Folded; where that is not possible, on the page, or below everything else."""
    if profile == "modern":
        return block_body.folded(card.blocks)
    return iter(()) if page_url else block_body.unfolded(card.blocks)


def _words(card: Card, page_url: str) -> str:
    """The card in lines, as many as there is room for, and what can be said and opened instead."""
    labels = ", ".join(button.label for button in card.buttons)
    top = [bold(card.lead), escaped(card.title), *block_body.written(card.blocks)]
    end = [
        escaped(f"You can say: {labels}") if labels else "",
        link(page_url, "Open the full page") if page_url else "",
    ]
    ending = "\n".join(text for text in end if text)
    said = "\n".join(text for text in top if text)
    return f"{cut(said, _TEXT - len(ending) - 1)}\n{ending}".strip()


def _parts(text: str) -> list[str]:
    return [text[at : at + 2500] for at in range(0, len(text), 2500)] or [" "]
