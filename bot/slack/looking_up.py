"""Whether a message was sent: looked for by the key in its metadata."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from bot.slack.api import Api
from bot.slack.sending import METADATA
from bot.slack.spot import Spot, message_id
from bot.slack.web_api import Call, Refused
from orchestration.surface import MessageId

_A_PAGE = 200
_PAGES = 5
_CHANNELS_A_PAGE = 1000


class LookingUp:
    """Looks through the newest messages of a channel, or through a thread."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._channels: dict[tuple[str, str], str] = {}

    async def find(self, spot: Spot, key: str) -> MessageId | None:
        """None if there is none, or if Slack does not let the bot look. Raises: TemporaryError."""
        try:
            channel = await self._channel_id(spot)
            async for message in self._messages(spot, channel):
                if _key(message) == key:
                    return message_id(channel, str(message.get("ts")))
        except Refused:
            return None
        return None

    async def _messages(self, spot: Spot, channel: str) -> AsyncIterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(_PAGES if channel else 0):
            page = await self._api.ask(spot.team, _reading(channel, spot.thread_ts, cursor))
            for message in _dicts(page.get("messages")):
                yield message
            cursor = _cursor(page)
            if not cursor:
                return

    async def _channel_id(self, spot: Spot) -> str:
        """History wants an id, where posting takes a name too."""
        if not spot.channel.startswith("#"):
            return spot.channel
        known = self._channels.get((spot.team, spot.channel))
        if known is None:
            known = await self._named(spot.team, spot.channel[1:])
            self._channels[spot.team, spot.channel] = known
        return known

    async def _named(self, team: str, name: str) -> str:
        cursor = ""
        for _ in range(_PAGES):
            page = await self._api.ask(team, _listing(cursor))
            for channel in _dicts(page.get("channels")):
                if channel.get("name") == name:
                    return str(channel.get("id"))
            cursor = _cursor(page)
            if not cursor:
                break
        return ""


def _reading(channel: str, thread_ts: str, cursor: str) -> Call:
    if not thread_ts:
        return lambda client: client.conversations_history(
            channel=channel, include_all_metadata=True, limit=_A_PAGE, cursor=cursor or None
        )
    return lambda client: client.conversations_replies(
        channel=channel,
        ts=thread_ts,
        include_all_metadata=True,
        limit=_A_PAGE,
        cursor=cursor or None,
    )


def _listing(cursor: str) -> Call:
    return lambda client: client.conversations_list(
        types="public_channel,private_channel",
        exclude_archived=True,
        limit=_CHANNELS_A_PAGE,
        cursor=cursor or None,
    )


def _key(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA:
        return ""
    return str((metadata.get("event_payload") or {}).get("key", ""))


def _dicts(found: object) -> Iterable[Mapping[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _cursor(page: Mapping[str, Any]) -> str:
    return str((page.get("response_metadata") or {}).get("next_cursor") or "")
