"""Cards and replies as activities."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from approvals.principals import PrincipalId
from bot.front import PageUrl
from bot.render.adaptive import adaptive_card, adaptive_reply
from bot.render.mention import Mention
from bot.teams.mentions import Mentions, people_of
from bot.teams.message_text import as_markdown
from bot.teams.references import PERSONAL, Reference
from orchestration.cards.model import Card
from orchestration.messages import Reply

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
SUGGESTED = 6
"""Source: "Suggested actions": at most six, in one-on-one chats, on messages without a card."""
_MOST_BYTES = 24_000
"""Of a text as a message, which leaves some for who it is from and to."""


class Drawing:
    def __init__(self, mentions: Mentions, page_url: PageUrl) -> None:
        self._mentions = mentions
        self._page_url = page_url

    async def card(
        self,
        card: Card,
        at: Reference,
        viewer: PrincipalId | None,
        *,
        filled: Mapping[str, str] = {},
        problem: str = "",
    ) -> Mapping[str, Any]:
        """The Adaptive Card for everybody there, or for one viewer."""
        page = self._page_url(card.page) if card.page else ""
        return adaptive_card(
            card,
            page_url=page,
            mentions=await self._mentions.of(people_of(card), at.realm),
            viewer=viewer,
            filled=filled,
            problem=problem,
        )

    async def posted(self, card: Card, at: Reference) -> Mapping[str, Any]:
        """The card as a message; in a personal chat with the buttons of who is there."""
        return _with_card(await self.card(card, at, at.viewer), card.lead)

    async def reply(self, reply: Reply, at: Reference) -> Mapping[str, Any]:
        """Choices are offered as Teams does it there: above the keyboard, or on a card."""
        mentions = await self._addressed(reply, at)
        reply = replace(reply, text=cut(reply.text))
        if not reply.choices:
            return _with_mentions(reply.text, mentions)
        if at.scope == PERSONAL and len(reply.choices) <= SUGGESTED:
            offered = [_suggestion(choice) for choice in reply.choices]
            return {**text_message(reply.text), "suggestedActions": {"actions": offered}}
        told = {person: each for person, each in mentions.items() if each.address}
        return _with_card(adaptive_reply(reply, mentions=told), reply.text)

    async def _addressed(self, reply: Reply, at: Reference) -> Mapping[PrincipalId, Mention]:
        """Nobody has to be told that a message in their own chat is for them."""
        people = [person for person in (reply.to, *reply.calls) if person and person != at.viewer]
        return await self._mentions.named(people, at.realm)


def size(drawn: Mapping[str, Any]) -> int:
    return len(orjson.dumps(drawn))


def text_message(text: str) -> dict[str, Any]:
    return {"type": "message", "textFormat": "markdown", "text": as_markdown(text)}


def cut(text: str) -> str:
    """The text, or as much of it as Teams takes, which is then said."""
    kept = text[:_MOST_BYTES]
    while size(text_message(kept)) > _MOST_BYTES:
        kept = kept[: len(kept) * 4 // 5]
    if kept == text:
        return text
    return f"{kept}\n\n... This is too long to be shown here in full."


def _with_mentions(text: str, mentions: Mapping[PrincipalId, Mention]) -> Mapping[str, Any]:
    message = text_message(text)
    if not mentions:
        return message
    told = {_spelt(each): each for each in mentions.values()}
    entities = [
        {"type": "mention", "text": words, "mentioned": {"id": each.address, "name": each.name}}
        for words, each in told.items()
        if each.address
    ]
    return {**message, "text": f"{', '.join(told)}: {message['text']}", "entities": entities}


def _spelt(person: Mention) -> str:
    name = _plain(person.name)
    return f"<at>{name}</at>" if person.address else name


def _plain(name: str) -> str:
    """A mention has to be spelt alike in the text and beside it, without any markup."""
    return "".join(letter for letter in name if letter not in "<>[]*_~`#\\|&").strip() or "you"


def _with_card(content: Mapping[str, Any], summary: str) -> Mapping[str, Any]:
    attachment = {"contentType": ADAPTIVE, "content": content}
    return {"type": "message", "summary": summary[:200], "attachments": [attachment]}


def _suggestion(choice: str) -> Mapping[str, str]:
    return {"type": "imBack", "title": choice, "value": choice}
