"""Threads that the bot opens for a request that was not written in one."""

from uuid import uuid4

from approvals.principals import PrincipalId
from bot.slack import mrkdwn
from bot.slack.api import Api
from bot.slack.installations import CONTAINER
from bot.slack.signature import VALID_S
from bot.slack.spot import Spot
from bot.slack.talk import Here
from bot.slack.web_api import Refused
from orchestration.document_ids import document_id
from orchestration.errors import UserError
from orchestration.messages import EventId, Said
from orchestration.ports import Clock, Conflict, Create, Store
from orchestration.service import Service

_WITHIN_S = 2.0
_QUOTED = 1500
_REMEMBERED_S = 2 * VALID_S
"""A request is signed for so long, also in the future."""
_OUT_OF_REACH = frozenset({"not_in_channel", "channel_not_found", "is_archived", "no_permission"})


class Opening:
    """A message that names who asked for what, and the request below it."""

    def __init__(self, service: Service, api: Api, store: Store, clock: Clock) -> None:
        self._service = service
        self._api = api
        self._store = store
        self._clock = clock

    async def open(
        self, here: Here, channel: str, user: str, by: PrincipalId, text: str, event: EventId
    ) -> None:
        """Once for an event, however often it comes.

        Raises: UserError - the bot is not in the channel; TemporaryError.
        """
        if not await self._first(event):
            return
        quoted = mrkdwn.escaped(text[:_QUOTED]).replace("\n", "\n>")
        ts = await self.say(
            Spot(here.team, channel, ""), f"{mrkdwn.mention(user)} asks:\n>{quoted}"
        )
        direct = Spot(here.team, channel, "").direct
        spot = Spot(here.team, channel, "" if direct else ts)
        await self._service.receive(Said(event, spot.thread, by, text, self._clock.now()))

    async def _first(self, event: EventId) -> bool:
        """Each time would have a thread of its own, in which nobody knows of the others."""
        write = Create("opened", {}, ttl_s=_REMEMBERED_S)
        partition = document_id(f"opened|{event}")
        try:
            await self._store.batch(CONTAINER, partition, [write], operation=uuid4().hex)
        except Conflict:
            return False
        return True

    async def say(self, spot: Spot, text: str) -> str:
        """The time of the message. Raises: UserError - the bot is not there; TemporaryError."""
        try:
            answer = await self._api.ask(
                spot.team,
                lambda client: client.chat_postMessage(
                    channel=spot.channel,
                    text=text,
                    unfurl_links=False,
                    thread_ts=spot.thread_ts or None,
                ),
                timeout_s=_WITHIN_S,
            )
        except Refused as refused:
            if refused.code in _OUT_OF_REACH:
                raise UserError(
                    "I'm not in this channel, so I can't open a thread here. Invite me with "
                    "/invite and ask again, or write to me directly."
                ) from refused
            raise
        return str(answer["ts"])
