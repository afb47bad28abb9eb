"""What people write: in a channel when the bot is mentioned, in its threads, and to it directly."""

import logging
from dataclasses import dataclass

from bot.slack import mrkdwn
from bot.slack.background import Background
from bot.slack.bodies import Message
from bot.slack.bodies import Said as Written
from bot.slack.files import Files
from bot.slack.people import People
from bot.slack.spot import Spot
from bot.slack.telling import Telling
from orchestration.errors import PermanentError, UserError
from orchestration.messages import EventId, Said
from orchestration.ports import Clock
from orchestration.service import Service

_SPOKEN = frozenset({"", "file_share", "thread_broadcast"})
"""The subtypes with which people speak; the others tell of edits, joins and the like."""
_SLACKBOT = "USLACKBOT"
_NOTHING_SAID = "help"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Here:
    """Where something came from: the workspace, and who the bot is there."""

    team: str
    bot_user: str
    bot_id: str = ""


class Talk:
    def __init__(
        self,
        service: Service,
        people: People,
        telling: Telling,
        files: Files,
        background: Background,
        clock: Clock,
    ) -> None:
        self._service = service
        self._people = people
        self._telling = telling
        self._files = files
        self._background = background
        self._clock = clock

    async def heard(self, here: Here, message: Written) -> None:
        """Persist what was said to the bot; nothing else is looked at.

        Raises: TemporaryError - it is not kept, and Slack has to send it again.
        """
        if not by_a_person(message, here):
            return
        spot = spot_of_message(here, message)
        if await self._meant(here, spot, message):
            await self.receive(here, spot, message, message.user)

    async def receive(self, here: Here, spot: Spot, message: Message, user: str) -> None:
        """Persist the message as said by the user, or tell them why not.

        Raises: TemporaryError.
        """
        try:
            by = await self._people.known(here.team, user)
            files, problems = await self._files.read(here.team, message.files)
            text = mrkdwn.read(message.text, me=here.bot_user)
            if problems:
                self._tell(spot, user, " ".join(problems))
            if text or files or not problems:
                said = text or ("" if files else _NOTHING_SAID)
                event = said_at(spot, message)
                now = self._clock.now()
                await self._service.receive(Said(event, spot.thread, by.id, said, now, files))
        except (UserError, PermanentError) as error:
            self._background.start(self._telling.failed(spot, user, error))

    def _tell(self, spot: Spot, user: str, text: str) -> None:
        self._background.start(self._telling.tell(spot, user, text))

    async def _meant(self, here: Here, spot: Spot, message: Written) -> bool:
        """Whether it is for the bot. In a thread that it is part of, everything is."""
        if spot.direct or message.type == "app_mention":
            return True
        if mrkdwn.mentions(message.text, here.bot_user):
            return True
        return bool(message.thread_ts) and await self._service.knows(spot.thread)


def by_a_person(message: Written, here: Here) -> bool:
    bots = {"", _SLACKBOT, here.bot_user}
    return (
        message.subtype in _SPOKEN
        and not message.bot_id
        and not message.hidden
        and message.user not in bots
    )


def spot_of_message(here: Here, message: Written) -> Spot:
    """A message in a channel starts a thread; one to the bot goes on with their one talk, and so
    does a thread below something that the bot said in that talk."""
    direct = Spot(here.team, message.channel, message.thread_ts)
    if message.channel_type == "im" or direct.direct:
        below_ours = message.parent_user_id == here.bot_user
        return Spot(here.team, message.channel, "" if below_ours else message.thread_ts)
    return Spot(here.team, message.channel, message.thread_ts or message.ts)


def said_at(spot: Spot, message: Message) -> EventId:
    """Of what was said, not of the telling: a mention is told of twice, by two events."""
    return EventId(f"slack:{spot.team}:{spot.channel}/{message.ts}")
