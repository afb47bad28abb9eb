"""Messages into Slack's channels, at its pace and never twice on purpose."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from bot.slack.api import Api
from bot.slack.pace import Pace
from bot.slack.spot import Spot
from bot.slack.web_api import Call, NotSent, Refused

METADATA = "signoff"
Body: TypeAlias = Mapping[str, Any]
"""`text` and, mostly, `blocks`."""
Sleep: TypeAlias = Callable[[float], Awaitable[object]]

_OUT_OF_REACH = frozenset({"user_not_in_channel", "channel_not_found", "not_in_channel"})
_REMEMBERED = 1000


class Sending:
    """Every message carries its key as metadata, so that it can be found again.

    Links are not unfolded: Slack would fetch the signed ones.
    """

    def __init__(self, api: Api, pace: Pace, *, sleep: Sleep = asyncio.sleep) -> None:
        self._api = api
        self._pace = pace
        self._sleep = sleep
        self._unsent: dict[str, None] = {}

    async def post(self, spot: Spot, body: Body, key: str) -> Body:
        """Slack's answer, with `channel` and `ts`.

        Raises: Refused, NotSent - it was not sent; TemporaryError - it may have been.
        """
        try:
            await self._sleep(self._pace.post(spot.team, spot.channel))
            answer = await self._limited(spot.team, _place(spot), _posting(spot, body, key))
        except (Refused, NotSent):
            self._note_unsent(key)
            raise
        except BaseException:
            self._unsent.pop(key, None)
            raise
        self._unsent.pop(key, None)
        return answer

    async def update(self, team: str, channel: str, ts: str, body: Body, *, progress: bool) -> Body:
        """Raises: Refused, NotSent, TemporaryError; repeating it is harmless."""
        self._pace.update(team, f"{channel}/{ts}", progress=progress)
        filled = {"blocks": [], **body}
        return await self._limited(
            team, team, lambda client: client.chat_update(channel=channel, ts=ts, **filled)
        )

    async def whisper(self, spot: Spot, user: str, body: Body) -> bool:
        """Show it to one person alone; False where that cannot be, e.g. they are not there."""
        try:
            await self._api.ask(
                spot.team,
                lambda client: client.chat_postEphemeral(
                    channel=spot.channel, user=user, thread_ts=spot.thread_ts or None, **body
                ),
            )
        except Refused as refused:
            if refused.code in _OUT_OF_REACH:
                return False
            raise
        return True

    async def direct(self, team: str, user: str) -> Spot:
        """Their talk with the bot."""
        opened = await self._api.ask(team, lambda client: client.conversations_open(users=user))
        channel = opened.get("channel") or {}
        return Spot(team, str(channel.get("id", user)), "")

    def surely_unsent(self, key: str) -> bool:
        """Whether the last attempt of this process came to nothing for certain."""
        return key in self._unsent

    async def _limited(self, team: str, place: str, call: Call) -> Body:
        try:
            return await self._api.ask(team, call)
        except NotSent as limit:
            self._pace.rest(place, limit.retry_after_s)
            raise

    def _note_unsent(self, key: str) -> None:
        while len(self._unsent) >= _REMEMBERED:
            self._unsent.pop(next(iter(self._unsent)))
        self._unsent[key] = None


def _posting(spot: Spot, body: Body, key: str) -> Call:
    return lambda client: client.chat_postMessage(
        channel=spot.channel,
        metadata={"event_type": METADATA, "event_payload": {"key": key}},
        unfurl_links=False,
        unfurl_media=False,
        thread_ts=spot.thread_ts or None,
        **body,
    )


def _place(spot: Spot) -> str:
    return f"{spot.team}/{spot.channel}"
