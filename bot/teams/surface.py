"""Teams as a surface: what is to be said goes to the Bot Connector."""

import logging
from collections.abc import Mapping
from typing import Any

from bot.teams.connector import Connector, Place
from bot.teams.drawing import Drawing, cut, text_message
from bot.teams.pacing import Pacing
from bot.teams.references import PERSONAL, Reference, References
from bot.teams.streaming import FROM_CHARACTERS, Streaming
from bot.teams.typing_hint import TypingHint
from orchestration.cards.model import Card
from orchestration.errors import TemporaryError
from orchestration.messages import Notice, Reply, ThreadId
from orchestration.surface import MessageId

_INTERVALS_S = ((600, 2.0), (1200, 4.0))
_BUSY_S = 8.0
"""A conversation takes 1,800 messages an hour: the more of them are used up, the slower."""

_log = logging.getLogger(__name__)


class TeamsSurface:
    """`Surface`. Teams offers neither an idempotency key nor a search, so `sent` cannot tell:
    what may have been sent is sent again."""

    def __init__(
        self,
        connector: Connector,
        references: References,
        drawing: Drawing,
        streaming: Streaming,
        typing: TypingHint,
        pacing: Pacing,
        results_channel: str,
        service_url: str,
    ) -> None:
        self._connector = connector
        self._references = references
        self._drawing = drawing
        self._streaming = streaming
        self._typing = typing
        self._pacing = pacing
        self._results_channel = results_channel
        self._service_url = service_url

    async def say(self, thread: ThreadId, reply: Reply, *, key: str) -> None:
        at = await self._references.of(thread)
        self._typing.stop(thread)
        long = len(reply.text) > FROM_CHARACTERS and not reply.choices
        if long and at.scope == PERSONAL:
            await self._streaming.say(place_of(at), cut(reply.text))
        else:
            await self._send(at, await self._drawing.reply(reply, at))

    async def notify(self, thread: ThreadId, notice: Notice, *, key: str) -> None:
        """A new thread in the results channel; nothing where none is configured."""
        if not self._results_channel:
            _log.info("notice_without_channel", extra={"fields": {"thread": thread}})
            return
        at = await self._references.of(thread)
        place = Place(at.service_url or self._service_url, self._results_channel)
        await self._connector.start(place, _opening(place, at, notice.text))

    async def post(self, thread: ThreadId, card: Card, *, key: str) -> MessageId:
        at = await self._references.of(thread)
        self._typing.stop(thread)
        id = await self._send(at, await self._drawing.posted(card, at))
        if not id:
            raise TemporaryError(f"posting in {thread!r}: Teams took the card and gave it no id")
        return MessageId(id)

    async def update(self, thread: ThreadId, message: MessageId, card: Card) -> None:
        at = await self._references.of(thread)
        self._typing.stop(thread)
        drawn = _from_bot(at, await self._drawing.posted(card, at))
        await self._connector.update(place_of(at), message.value, {**drawn, "id": message.value})

    async def sent(self, thread: ThreadId, key: str, *, notice: bool = False) -> MessageId | None:
        return None

    def card_interval_s(self, thread: ThreadId) -> float:
        """Slower as the conversation's hourly allowance is used up."""
        used = self._pacing.sent_lately(thread.partition("/")[2])
        return next((every for most, every in _INTERVALS_S if used < most), _BUSY_S)

    async def _send(self, at: Reference, activity: Mapping[str, Any]) -> str:
        return await self._connector.send(place_of(at), _from_bot(at, activity))


def place_of(at: Reference) -> Place:
    return Place(at.service_url, at.conversation)


def _from_bot(at: Reference, activity: Mapping[str, Any]) -> dict[str, Any]:
    about = {"from": {"id": at.bot}, "conversation": {"id": at.conversation}}
    return {**activity, **about}


def _opening(place: Place, at: Reference, text: str) -> Mapping[str, Any]:
    """Source: "Send proactive messages", a new conversation in a channel."""
    return {
        "isGroup": True,
        "bot": {"id": at.bot},
        "tenantId": at.tenant,
        "channelData": {"channel": {"id": place.conversation}, "tenant": {"id": at.tenant}},
        "activity": text_message(cut(text)),
    }
