"""Card -> Adaptive Card 1.5, for Teams; and what comes back from one."""

from collections.abc import Mapping, Sequence
from typing import Any

from approvals.principals import PrincipalId
from bot.render import adaptive_body
from bot.render.adaptive_actions import Execute, OpenUrl, Refresh
from bot.render.adaptive_buttons import (
    actions,
    buttons_for,
    form,
    opened,
    rows,
    show_mine,
)
from bot.render.adaptive_elements import Node, block, container, line, run
from bot.render.adaptive_size import fitted
from bot.render.mention import Mention
from bot.render.pressed import SAY, Pressed, not_ours, word_of, words_of
from bot.render.printable import printable
from orchestration.cards.model import Card
from orchestration.messages import Reply

_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"


def adaptive_card(
    card: Card,
    *,
    page_url: str = "",
    mentions: Mapping[PrincipalId, Mention] = {},
    viewer: PrincipalId | None = None,
    filled: Mapping[str, str] = {},
    problem: str = "",
) -> dict[str, Any]:
    """The card for everybody, or with the buttons meant for a `viewer`.

    `filled` is what the viewer had typed and `problem` why that was not accepted.
    """
    shown = buttons_for(card, viewer)
    open_button = opened(shown, filled)
    pressable = actions(card, [b for b in shown if b is not open_button], filled)
    if viewer is None and len(shown) < len(card.buttons):
        pressable.insert(0, show_mine(card))
    if page_url:
        pressable.append(OpenUrl("Open the full page", page_url).json())
    told = {field.problem for field in open_button.inputs} if open_button else set()
    around = _around(card.lead) | _refresh(card, mentions)
    body = fitted(
        [
            *([_problem(problem)] if problem else []),
            adaptive_body.top(card),
            *([form(card, open_button, filled)] if open_button else []),
        ],
        [*adaptive_body.face(card.blocks, without=told)],
        rows(pressable),
        [*adaptive_body.folded(card.blocks)],
        around,
        page=bool(page_url),
    )
    return around | {"body": body}


def adaptive_reply(reply: Reply, *, mentions: Mapping[PrincipalId, Mention] = {}) -> dict[str, Any]:
    """A question with its choices, a refusal, or plain words."""
    called = dict.fromkeys(each for each in (reply.to, *reply.calls) if each)
    to = [mentions[person] for person in called if person in mentions]
    choices = [Execute(text, "", SAY, {"text": text}).json() for text in reply.choices]
    body = [
        *_mention_line(to, "For"),
        *(line(run(each or " ")) for each in reply.text.split("\n")),
        *rows(choices),
    ]
    return _around(reply.text, to) | {"body": body}


def pressed(value: object) -> Pressed:
    """What an Action.Execute (`activity.value["action"]`) or an Action.Submit (`activity.value`)
    brought back. Raises: UserError - it is not of a button of ours."""
    data = value.get("data", value) if isinstance(value, Mapping) else None
    said = data.get("signoff") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(said, Mapping):
        raise not_ours("it says nothing that I know")
    suffix = word_of(said.get("form", ""), "its form is missing")
    typed = {k: v for k, v in data.items() if suffix and str(k).endswith(suffix)}
    inputs = words_of(typed, "an answer is no text")
    return Pressed(
        word_of(said.get("card"), "it names no card"),
        word_of(said.get("verb"), "it names nothing to do"),
        words_of(said.get("data", {}), "what it is about is missing"),
        {key.removesuffix(suffix): text for key, text in inputs.items()},
    )


def _around(fallback: str, mentioned: Sequence[Mention] = ()) -> Node:
    """A card without its body."""
    return {
        "$schema": _SCHEMA,
        "type": "AdaptiveCard",
        "version": "1.5",
        "fallbackText": printable(fallback),
        "msteams": {"width": "Full", "entities": [_entity(each) for each in mentioned]},
    }


def _problem(problem: str) -> Node:
    said = [line(run("Not done: ", weight="Bolder"), run(problem))]
    return container(said, style="attention")


def _mention_line(people: Sequence[Mention], word: str) -> list[Node]:
    """Those who are told; their names are the only Markdown-free text with tags of ours."""
    if not people:
        return []
    names = ", ".join(_at(person) for person in people)
    return [block(f"{word} {names}", spacing="Small")]


def _at(person: Mention) -> str:
    name = "".join(c for c in printable(person.name) if c not in "<>[]()*_~`#\\|")
    return f"<at>{name.strip() or 'you'}</at>"


def _entity(person: Mention) -> Node:
    mentioned = {"id": person.address, "name": printable(person.name)}
    return {"type": "mention", "text": _at(person), "mentioned": mentioned}


def _refresh(card: Card, mentions: Mapping[PrincipalId, Mention]) -> Node:
    """Those who have buttons of their own get them by themselves, on the posted card."""
    audience = sorted({who for b in card.buttons for who in b.audience or ()})
    people = [mentions[who].address for who in audience if who in mentions]
    return {"refresh": Refresh(card.id, people).json()} if people else {}
