"""Several web replicas over one store: who answers, in what order, and who says it."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest

from approvals.principals import PrincipalId
from capabilities.registry import catalogue
from orchestration import heads, threads
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.cards.model import Card
from orchestration.conversation import Conversation
from orchestration.delivery import Delivery, OwnVoice
from orchestration.deployments import Deployments
from orchestration.draft import Draft
from orchestration.heads import Heads
from orchestration.inbox import Inbox
from orchestration.messages import EventId, Reply, Said, ThreadId
from orchestration.places import CLAIM_S
from orchestration.planner.desk import Answer, Desk, Turn
from orchestration.speaker import Speaker
from orchestration.surface import MessageId
from orchestration.threads import Threads
from orchestration.turns import Turns
from orchestration.views import View
from orchestration.writing import Writing
from tests.doubles.flaky import FlakyStore
from tests.doubles.house import ORGANISATION, House, draft
from tests.doubles.surface import FakeSurface

THREAD = ThreadId("t")


@dataclass
class Echo:
    """Satisfies `planner.desk.Planner`; takes as long as a test lets it."""

    asked: Counter[str] = field(default_factory=Counter)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, turn: Turn, desk: Desk) -> Answer:
        self.asked[turn.text] += 1
        await self.go_on.wait()
        return Answer(f"You said {turn.text}.", Draft())


class Deliberate(FakeSurface):
    """Takes as long as a test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.saying: list[str] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.begun = asyncio.Event()

    async def say(self, thread: ThreadId, reply: Reply, *, key: str) -> None:
        await self._begin(reply.text)
        await super().say(thread, reply, key=key)

    async def update(self, thread: ThreadId, message: MessageId, card: Card) -> None:
        await self._begin(card.title)
        await super().update(thread, message, card)

    async def _begin(self, text: str) -> None:
        self.saying.append(text)
        self.begun.set()
        await self.go_on.wait()


@dataclass
class Replicas:
    home: House
    surface: Deliberate = field(default_factory=Deliberate)
    planner: Echo = field(default_factory=Echo)
    running: list[Threads] = field(default_factory=list)
    deployments: list[Deployments] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def replica(self, name: str) -> Threads:
        home = self.home
        heads, voice = Heads(home.store, home.clock, name), OwnVoice(name, home.clock)
        deployments = Deployments(home.store, home.clock, home.people, ORGANISATION, voice)
        self.deployments.append(deployments)
        view = View(heads, deployments, catalogue(), SnapshotPrices.load(), home.people)
        delivery = Delivery(
            Speaker(home.store, self.surface, view.card, home.clock, name),
            home.store,
            sleep=lambda seconds: asyncio.sleep(seconds / 100),
        )
        voice.speaks_by(delivery)
        self.deliveries.append(delivery)
        conversation = Conversation(
            Writing(heads, voice),
            self.planner,
            home.provisioning,
            deployments,
            catalogue(),
            SnapshotPrices.load(),
            home.people,
        )
        self.running.append(
            Threads(
                Inbox(home.store, home.clock),
                heads,
                conversation,
                deployments,
                home.people,
                home.engine,
                home.clock,
                delivery,
                view,
                Turns(few=8, many=8),
            )
        )
        return self.running[-1]

    def said(self, text: str) -> Said:
        now = self.home.clock.now()
        self.home.clock.advance(0.001)
        return Said(EventId(f"e-{text}"), THREAD, PrincipalId("ana"), text, now)

    async def held(self) -> None:
        """Somebody has said that it takes long."""
        heads = Heads(self.home.store, self.home.clock, "test")
        for _ in range(1000):
            if (await heads.look(THREAD)).head.owner:
                return
            await asyncio.sleep(0.005)
        raise AssertionError("nobody holds the thread")

    async def settled(self) -> None:
        for one in self.running:
            await one.settled(THREAD)
        for delivery in self.deliveries:
            await delivery.settled()


@pytest.fixture
def replicas(home: House) -> Replicas:
    found = Replicas(home)
    found.planner.go_on.set()
    return found


async def test_messages_are_answered_once_and_in_order_wherever_they_come_in(
    replicas: Replicas,
) -> None:
    web = [replicas.replica(f"web-{n}") for n in range(3)]
    for n in range(30):
        await web[n % 3].receive(replicas.said(f"{n}"))
    await replicas.settled()
    session = await Heads(replicas.home.store, replicas.home.clock, "test").session(THREAD)
    assert session.turns == 30
    said = [line.removeprefix("t: You said ").rstrip(".") for line in replicas.surface.said]
    assert said == [f"{n}" for n in range(30)]
    turns = await replicas.home.store.find("threads", THREAD, prefix="turn:", limit=100)
    in_order = sorted(turns.documents, key=lambda turn: turn.body["number"])
    assert [turn.body["said"] for turn in in_order] == [f"{n}" for n in range(30)]


async def test_what_others_are_still_saying_is_waited_for(replicas: Replicas) -> None:
    one, other = replicas.replica("one"), replicas.replica("other")
    replicas.surface.go_on.clear()
    await one.receive(replicas.said("first"))
    await replicas.surface.begun.wait()
    await other.receive(replicas.said("second"))
    await asyncio.sleep(0.05)
    assert replicas.planner.asked == {"first": 1, "second": 1}
    assert replicas.surface.saying == ["You said first."]
    replicas.surface.go_on.set()
    await replicas.settled()
    assert replicas.surface.said == ["t: You said first.", "t: You said second."]


async def test_a_card_is_shown_by_one_replica_after_the_other(
    replicas: Replicas, home: House
) -> None:
    """Of changes that two of them have stored, the last one is what is shown in the end."""
    for name in ("one", "other"):
        replicas.replica(name)
    one, other = replicas.deployments
    id = await home.submit(draft("storage"))
    home.clock.advance(CLAIM_S)
    await one.change(id, lambda found: replace(found, title="first"))
    await replicas.settled()
    replicas.surface.begun.clear()
    replicas.surface.go_on.clear()
    home.clock.advance(5)
    await one.change(id, lambda found: replace(found, title="second"))
    await replicas.surface.begun.wait()
    await other.change(id, lambda found: replace(found, title="third"))
    await asyncio.sleep(0.05)
    assert replicas.surface.saying[-1] == "second"
    replicas.surface.go_on.set()
    home.clock.advance(5)
    await replicas.settled()
    assert replicas.surface.saying[-1] == "third"
    (card,) = replicas.surface.cards.values()
    assert card.title == "third"


async def test_a_message_that_comes_in_twice_at_once_is_answered_once(replicas: Replicas) -> None:
    web = [replicas.replica(f"web-{n}") for n in range(2)]
    message = replicas.said("hello")
    await asyncio.gather(*(one.receive(message) for one in web))
    await replicas.settled()
    await web[0].receive(replace(message))
    await replicas.settled()
    assert replicas.surface.said == ["t: You said hello."]


async def test_what_one_replica_takes_long_for_the_others_wait_for(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "_MOMENT_S", 0.01)
    monkeypatch.setattr(threads, "_HELD_ELSEWHERE_S", 0.01)
    one, other = replicas.replica("one"), replicas.replica("other")
    replicas.planner.go_on.clear()
    await one.receive(replicas.said("first"))
    await replicas.held()
    await other.receive(replicas.said("second"))
    await asyncio.sleep(0.1)
    assert replicas.planner.asked == {"first": 1}
    replicas.planner.go_on.set()
    await replicas.settled()
    assert replicas.planner.asked == {"first": 1, "second": 1}
    assert replicas.surface.said == ["t: You said first.", "t: You said second."]


async def test_a_replica_that_goes_answers_what_it_has_received(replicas: Replicas) -> None:
    going = replicas.replica("going")
    replicas.planner.go_on.clear()
    await going.receive(replicas.said("first"))
    await going.receive(replicas.said("second"))
    await going.ended(0.05)
    assert replicas.surface.said == []
    ending = asyncio.create_task(going.ended(60.0))
    replicas.planner.go_on.set()
    await ending
    assert replicas.surface.said == ["t: You said first.", "t: You said second."]
    await going.stop()


async def test_a_save_that_takes_long_is_not_undone(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "_MOMENT_S", 0.01)
    store = replicas.home.store = FlakyStore(replicas.home.store)
    one = replicas.replica("one")
    store.slow_at = "turn:"
    await one.receive(replicas.said("first"))
    await asyncio.sleep(0.1)
    store.go_on.set()
    await replicas.settled()
    session = await Heads(store, replicas.home.clock, "test").session(THREAD)
    assert (session.turns, session.answered) == (1, "e-first")
    assert not (await Heads(store, replicas.home.clock, "test").look(THREAD)).head.owner


async def test_what_was_saved_and_not_answered_is_said_at_once(replicas: Replicas) -> None:
    store = replicas.home.store = FlakyStore(replicas.home.store)
    one = replicas.replica("one")
    store.unanswered_at = "turn:"
    await one.receive(replicas.said("first"))
    for running in (*replicas.deliveries, *replicas.deliveries):
        await asyncio.sleep(0.05)
        await running.settled()
    assert replicas.surface.said == ["t: You said first."]
    await replicas.settled()
    assert replicas.surface.said == ["t: You said first."]


async def test_what_a_dead_replica_was_working_on_is_taken_over(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "_MOMENT_S", 0.01)
    monkeypatch.setattr(threads, "_HELD_ELSEWHERE_S", 0.01)
    dead, other = replicas.replica("dead"), replicas.replica("other")
    replicas.planner.go_on.clear()
    await dead.receive(replicas.said("hello"))
    await replicas.held()
    await dead.stop()
    replicas.planner.go_on.set()
    await other.resume()
    await asyncio.sleep(0.05)
    assert replicas.planner.asked == {"hello": 1}
    replicas.home.clock.advance(heads.HELD_S)
    await other.settled(THREAD)
    assert replicas.surface.said == ["t: You said hello."]


async def test_a_sweep_leaves_what_has_only_just_come_to_who_received_it(
    replicas: Replicas,
) -> None:
    other = replicas.replica("other")
    await Inbox(replicas.home.store, replicas.home.clock).put(replicas.said("fresh"))
    await other.resume(idle_s=10.0)
    await other.settled(THREAD)
    assert replicas.surface.said == []
    replicas.home.clock.advance(10.0)
    await other.resume(idle_s=10.0)
    await other.settled(THREAD)
    assert replicas.surface.said == ["t: You said fresh."]
