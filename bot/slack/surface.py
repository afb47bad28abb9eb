"""Slack as a surface."""

from collections.abc import Iterable

from approvals.principals import PrincipalId
from bot.render import blocks
from bot.slack import mrkdwn
from bot.slack.drawing import REDRAWN, Drawing
from bot.slack.looking_up import LookingUp
from bot.slack.members import Members
from bot.slack.pace import Pace
from bot.slack.sending import Body, Sending
from bot.slack.spot import Spot, channel_and_ts, message_id, spot_of
from bot.slack.web_api import Refused
from orchestration.cards.model import Block, Card, Details, Progress
from orchestration.messages import Notice, Reply, ThreadId
from orchestration.surface import MessageId


class SlackSurface:
    """`surface.Surface`. What is for one person is shown to them alone; such a message leaves no
    trace, so it cannot be found again."""

    def __init__(
        self,
        sending: Sending,
        drawing: Drawing,
        members: Members,
        looking_up: LookingUp,
        pace: Pace,
        results_channel: str,
    ) -> None:
        self._sending = sending
        self._drawing = drawing
        self._members = members
        self._looking_up = looking_up
        self._pace = pace
        self._results_channel = results_channel

    async def say(self, thread: ThreadId, reply: Reply, *, key: str) -> None:
        spot = spot_of(thread)
        if reply.to and not spot.direct:
            await self._say_to(spot, reply.to, reply, key)
        else:
            await self._say(spot, reply, reply.calls, key)

    async def notify(self, thread: ThreadId, notice: Notice, *, key: str) -> None:
        body = {"text": mrkdwn.linked(notice.text)}
        await self._sending.post(self._results(spot_of(thread), notice.channel), body, key)

    async def post(self, thread: ThreadId, card: Card, *, key: str) -> MessageId:
        spot = spot_of(thread)

        async def send(body: Body) -> Body:
            return await self._sending.post(spot, body, key)

        answer = await self._drawing.sent(spot.team, card, send)
        return message_id(str(answer.get("channel") or spot.channel), str(answer["ts"]))

    async def update(self, thread: ThreadId, message: MessageId, card: Card) -> None:
        team, (channel, ts) = spot_of(thread).team, channel_and_ts(message)
        progress = _moves(card.blocks)

        async def send(body: Body) -> Body:
            return await self._sending.update(team, channel, ts, body, progress=progress)

        await self._drawing.sent(team, card, send)

    async def sent(self, thread: ThreadId, key: str, *, notice: bool = False) -> MessageId | None:
        if self._sending.surely_unsent(key):
            return None
        spot = spot_of(thread)
        return await self._looking_up.find(self._results(spot, "") if notice else spot, key)

    def card_interval_s(self, thread: ThreadId) -> float:
        return self._pace.interval_s(spot_of(thread).team)

    async def _say_to(self, spot: Spot, to: PrincipalId, reply: Reply, key: str) -> None:
        """Show it to one person alone: in the thread if they are there, else directly. Who was
        never seen in the workspace is named."""
        address = await self._members.address(to, spot.team)
        if not address:
            await self._say(spot, reply, (to, *reply.calls), key)
        elif not await self._sending.whisper(spot, address, blocks.block_reply(reply)):
            await self._say(await self._sending.direct(spot.team, address), reply, (), key)

    async def _say(self, spot: Spot, reply: Reply, called: Iterable[PrincipalId], key: str) -> None:
        mentions = await self._drawing.mentions(called, spot.team)
        body = blocks.block_reply(reply, mentions=mentions)
        try:
            await self._sending.post(spot, body, key)
        except Refused as refused:
            if refused.code not in REDRAWN:
                raise
            await self._sending.post(spot, {"text": body["text"]}, key)

    def _results(self, spot: Spot, channel: str) -> Spot:
        return Spot(spot.team, self._results_channel or channel, "")


def _moves(content: Iterable[Block]) -> bool:
    """Whether the card shows progress: a later one will show more."""
    return any(
        isinstance(block, Progress) or (isinstance(block, Details) and _moves(block.blocks))
        for block in content
    )
