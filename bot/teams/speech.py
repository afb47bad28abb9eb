"""What people write to the bot: who may, in which thread, and with which documents."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from approvals.principals import PrincipalId
from bot.attachments import Linked
from bot.failures import told
from bot.teams.activity import Activity, File
from bot.teams.adapter import Heard
from bot.teams.people import People, Refused
from bot.teams.references import (
    CHANNEL,
    PERSONAL,
    References,
    conversation_of,
    reference_of,
    thread_of,
)
from bot.teams.surface import place_of
from bot.teams.typing_hint import TypingHint
from orchestration.messages import Attachment, EventId, Said
from orchestration.ports import Clock
from orchestration.service import Service

GREETING = (
    'Hello! Tell me in your own words which infrastructure you need, for example: "a storage '
    'account for the data team in test". I ask for what is missing, show what will change and what '
    'it costs, and nothing is built before the right people have signed it off. Say "help" for '
    "more."
)
_MOST_FILES = 5
_READING = "reading what you attached"
IGNORED = Heard()


class Reads(Protocol):
    async def read(self, linked: Linked) -> Attachment:
        """Raises: UserError."""
        ...


class Speech:
    def __init__(
        self,
        people: People,
        references: References,
        reads: Reads,
        typing: TypingHint,
        clock: Clock,
    ) -> None:
        self._people = people
        self._references = references
        self._reads = reads
        self._typing = typing
        self._clock = clock

    async def heard(self, service: Service, activity: Activity) -> Heard:
        """Stored when this returns, if it was meant for us."""
        meant = activity.mentioned or activity.scope == PERSONAL
        if not meant and not await self._continues(service, activity):
            return IGNORED
        try:
            person = await self._people.person(activity)
        except Refused as refusal:
            return Heard((str(refusal),)) if meant else IGNORED
        files, sentences = await self._files(activity.files)
        if activity.text or files:
            await self.receive(service, activity, person.id, activity.text, files)
        elif not sentences:
            sentences = (GREETING,)
        return Heard(sentences)

    async def receive(
        self,
        service: Service,
        activity: Activity,
        by: PrincipalId,
        text: str,
        files: tuple[Attachment, ...] = (),
    ) -> None:
        """Pass on what somebody said, so that it can be answered, also after a restart."""
        thread, reference = thread_of(activity), reference_of(activity, by)
        said = Said(event_of(activity), thread, by, text, self._clock.now(), files)
        if activity.scope != CHANNEL:
            self._typing.start(thread, place_of(reference))
        try:
            await asyncio.gather(
                self._references.remember(thread, reference), service.receive(said)
            )
        except BaseException:
            self._typing.stop(thread)
            raise

    async def _continues(self, service: Service, activity: Activity) -> bool:
        """Whether it is said in a channel's thread that is about a request. A group chat is about
        anything: there we have to be mentioned."""
        return activity.scope == CHANNEL and await service.knows(thread_of(activity))

    async def _files(self, files: Sequence[File]) -> tuple[tuple[Attachment, ...], tuple[str, ...]]:
        """Those that can be read, and a sentence about each other."""
        links = [Linked(file.name, file.url) for file in files[:_MOST_FILES]]
        read = await asyncio.gather(*map(self._reads.read, links), return_exceptions=True)
        found = [each for each in read if isinstance(each, Attachment)]
        sentences = [told(each, doing=_READING) for each in read if isinstance(each, BaseException)]
        if len(files) > _MOST_FILES:
            sentences.append(f"I read the first {_MOST_FILES} documents of a message only.")
        return tuple(found), tuple(sentences)


def event_of(activity: Activity) -> EventId:
    return EventId(f"teams:{conversation_of(activity)}/{activity.id}")
