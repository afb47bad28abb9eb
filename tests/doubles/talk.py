"""A conversation over a house, with a planner that answers what a test says."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from approvals.principals import PrincipalId
from capabilities.registry import catalogue
from orchestration import outbox
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.conversation import Conversation
from orchestration.delivery import OwnVoice
from orchestration.draft import Draft
from orchestration.heads import Heads
from orchestration.inbox import CONTAINER, Inbox
from orchestration.messages import Clicked, EventId, Inbound, Reply, Said
from orchestration.places import Place
from orchestration.planner.desk import Answer, Command, Desk, Turn, Verb
from orchestration.provisioning import Provisioning
from orchestration.sessions import Session
from orchestration.writing import Writing
from tests.doubles.house import THREAD, House

_numbers = count(1)


class FakePlanner:
    """Satisfies `planner.desk.Planner`: answers what a test put into `answers`, the draft kept."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.turns: list[Turn] = []
        self.broken: list[str] = []
        """Texts that it breaks on."""

    async def answer(self, turn: Turn, desk: Desk) -> Answer:
        self.turns.append(turn)
        if turn.text in self.broken:
            raise KeyError(turn.text)
        found = self.answers.get(turn.text, Answer("I see.", Draft()))
        return found if found.draft.steps else replace(found, draft=turn.draft)

    def wish(self, text: str, verb: Verb) -> None:
        self.answers[text] = Answer("", Draft(), command=Command(verb))


@dataclass
class Talk:
    """One thread of a house."""

    home: House
    planner: FakePlanner = field(default_factory=FakePlanner)
    watch: Callable[[outbox.Message], object] = lambda _: None
    """Is told of every message that is spoken."""

    @property
    def conversation(self) -> Conversation:
        home = self.home
        return Conversation(
            Writing(self.heads, OwnVoice("us", home.clock)),
            self.planner,
            self.provisioning(),
            home.deployments(),
            catalogue(),
            SnapshotPrices.load(),
            home.people,
        )

    def provisioning(self) -> Provisioning:
        return self.home.provisioning

    @property
    def heads(self) -> Heads:
        return Heads(self.home.store, self.home.clock, "us")

    @property
    def inbox(self) -> Inbox:
        return Inbox(self.home.store, self.home.clock)

    async def session(self) -> Session:
        return await self.heads.session(THREAD)

    async def says(self, by: str, text: str) -> list[str]:
        """The replies to it."""
        return await self.hears(
            Said(_event(), THREAD, PrincipalId(by), text, self.home.clock.now())
        )

    async def clicks(self, by: str, verb: str, **data: str) -> list[str]:
        now = self.home.clock.now()
        return await self.hears(Clicked(_event(), THREAD, PrincipalId(by), verb, now, data, {}))

    async def hears(self, event: Inbound) -> list[str]:
        await self.inbox.put(event)
        return await self.goes_on()

    async def goes_on(self) -> list[str]:
        """Answer the first event that waits."""
        seen = await self.heads.look(THREAD)
        await self.conversation.turn(seen.head, seen.waiting[0])
        return await self.said()

    async def said(self) -> list[str]:
        """The replies that wait to be spoken, which they are now."""
        place = Place(CONTAINER, THREAD)
        entries = await outbox.pending(self.home.store, place)
        for entry in entries:
            await outbox.spoken(self.home.store, place, entry)
        messages = [message for entry in entries for message in entry.messages.values()]
        for message in messages:
            self.watch(message)
        return [message.text for message in messages if isinstance(message, Reply)]


def _event() -> EventId:
    return EventId(f"talk-{next(_numbers)}")
