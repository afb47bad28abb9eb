"""A long answer that appears bit by bit, in a personal chat.

Source: "Stream bot messages": typing activities with `streaminfo`, each with all of the text so
far, then the message; at most one request a second; a stream that the person stops answers 403.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from bot.teams.connector import Connector, Place
from bot.teams.drawing import text_message
from orchestration.errors import PermanentError

FROM_CHARACTERS = 600
_PARTS = 3
_BETWEEN_S = 1.0


class Streaming:
    def __init__(self, connector: Connector, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._connector = connector
        self._sleep = sleep

    async def say(self, place: Place, text: str) -> None:
        """Raises: TemporaryError - the answer may be incomplete; all of it is to be said again."""
        try:
            stream = await self._parts(place, text)
            await self._connector.send(place, _whole(text, stream))
        except PermanentError:  # this client cannot, or the person has stopped it
            await self._connector.send(place, text_message(text))

    async def _parts(self, place: Place, text: str) -> str:
        """The id of the stream after all but the last."""
        stream = ""
        for number, part in enumerate(beginnings(text), 1):
            info = {"type": "streaminfo", "streamType": "streaming", "streamSequence": number}
            entity = {**info, "streamId": stream} if stream else info
            sent = {**text_message(part), "type": "typing", "entities": [entity]}
            id = await self._connector.send(place, sent)
            stream = stream or id
            await self._sleep(_BETWEEN_S)
        return stream


def beginnings(text: str) -> Iterator[str]:
    """Ever longer beginnings of the text, each up to the end of a line."""
    for part in range(1, _PARTS):
        end = text.find("\n", len(text) * part // _PARTS)
        if end > 0:
            yield text[:end].rstrip()


def _whole(text: str, stream: str) -> Mapping[str, Any]:
    message = text_message(text)
    if not stream:
        return message
    entity = {"type": "streaminfo", "streamType": "final", "streamId": stream}
    return {**message, "entities": [entity]}
