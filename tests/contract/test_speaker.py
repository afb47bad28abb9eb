import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from orchestration import outbox, shown
from orchestration.cards.model import Card
from orchestration.delivery import Delivery, delivering
from orchestration.errors import PermanentError, TemporaryError
from orchestration.messages import Notice, Reply, ThreadId
from orchestration.outbox import CardRef
from orchestration.places import CLAIM_S, Place
from orchestration.ports import Store
from orchestration.speaker import ELSEWHERE_S
from orchestration.surface import MessageId
from tests.clock import FakeClock
from tests.doubles.world import CARD, PLACE, THREAD, THREADS_PLACE, World


@pytest.fixture
def world(store: Store, clock: FakeClock) -> World:
    return World(store, clock)


@pytest.fixture
async def delivery(world: World) -> AsyncIterator[Delivery]:
    async with delivering(world.speaker, world.store, sleep=world.sleep) as made:
        yield made


async def test_messages_are_read_back_as_they_were_put(world: World) -> None:
    messages = [Reply("a"), Reply("b", THREAD, ("yes", "no")), Notice("#d", "c"), CARD]  # type: ignore[arg-type]
    await world.put(*messages)
    (entry,) = await outbox.pending(world.store, PLACE)
    assert [*entry.messages.values()] == messages
    assert (entry.thread, entry.order) == (THREAD, 1)


async def test_everything_is_sent_once_and_in_order(world: World) -> None:
    await world.put(Reply("one"), CARD, Notice("#deployments", "two"))
    await world.put(*(Reply(f"{n}") for n in range(95)))
    await world.put(*(Reply(f"{n}") for n in range(95, 150)))
    assert await world.speaker.speak(PLACE) is None
    rest = [f"t: {n}" for n in range(150)]
    assert world.surface.said == ["t: one", "t: post d-1 planned", "#deployments: two", *rest]
    assert await world.waiting() == 0
    await world.speaker.speak(PLACE)
    assert len(world.surface.said) == 153


async def test_what_was_found_before_it_was_told_of_is_sent_once(world: World) -> None:
    one, two = await world.put(Reply("one")), await world.put(Reply("two"))
    await world.speaker.speak(PLACE)
    assert await world.speaker.speak(PLACE, [one, two]) is None
    three = await world.put(Reply("three"))
    await world.speaker.speak(PLACE, [two, three])
    assert world.surface.said == ["t: one", "t: two", "t: three"]
    assert await world.waiting() == 0


async def test_a_first_card_is_posted_without_a_look_unless_it_may_have_been(world: World) -> None:
    first = replace(CARD, first=True)
    await world.put(first)
    world.store.calls.clear()
    await world.speaker.speak(PLACE)
    assert world.store.calls.count("get") == 0
    world.restart("others")
    entry = await world.put(first, by="others")
    await world.speaker.speak(PLACE, [entry], resumed=True)
    assert world.surface.said == ["t: post d-1 planned", "t: update d-1 planned"]


async def test_a_card_on_the_screen_is_updated(world: World) -> None:
    await world.put(CARD)
    await world.speaker.speak(PLACE)
    world.state = "approved"
    world.clock.advance(5)
    world.restart()
    await world.put(CARD)
    await world.speaker.speak(PLACE)
    assert [card.lead for card in world.surface.cards.values()] == ["d-1 approved"]


async def test_edits_coalesce_and_replies_do_not_wait_for_them(world: World) -> None:
    await world.put(CARD)
    await world.speaker.speak(PLACE)
    for n in range(5):
        world.state = f"{n} of 5"
        await world.put(CARD)
    await world.put(Reply("hello"))
    assert await world.speaker.speak(PLACE) == 1.0
    assert world.surface.said == ["t: post d-1 planned", "t: hello"]
    assert await world.waiting() == 1
    world.clock.advance(1.0)
    world.state = "done"
    assert await world.speaker.speak(PLACE) is None
    assert world.surface.said[2:] == ["t: update d-1 done"]


async def test_the_last_state_is_always_shown(world: World, delivery: Delivery) -> None:
    for n in range(30):
        world.state = f"{n}"
        await world.put(CARD)
        delivery.nudge(PLACE)
        await asyncio.sleep(0.001)
    await delivery.settled()
    assert [card.lead for card in world.surface.cards.values()] == ["d-1 29"]
    assert len(world.surface.said) <= 1 + len(world.slept)


async def test_a_surface_that_is_down_gets_it_all_later_in_order(
    world: World, delivery: Delivery
) -> None:
    await world.put(Reply("one"), CARD, Reply("two"))
    world.surface.down(4)
    delivery.nudge(PLACE)
    await delivery.settled()
    assert world.surface.said == ["t: one", "t: post d-1 planned", "t: two"]
    assert world.slept == [1, 2, 4, 8]


async def test_what_was_sent_without_an_answer_is_found_and_not_sent_again(
    world: World, delivery: Delivery
) -> None:
    await world.put(Reply("one"), CARD, Notice("#d", "two"))
    world.surface.answers_lost = 3
    delivery.nudge(PLACE)
    await delivery.settled()
    assert world.surface.said == [
        "t: one",
        "t: post d-1 planned",
        "t: update d-1 planned",
        "#d: two",
    ]
    assert await world.waiting() == 0


async def test_what_a_process_sent_before_it_died_is_found_by_the_next(world: World) -> None:
    await world.put(Reply("one"), CARD, Notice("#d", "two"))
    world.store.fails_at = "hot:out:"
    with pytest.raises(TemporaryError):
        await world.speaker.speak(PLACE)
    world.store.fails_at = None
    world.restart()
    async with delivering(world.speaker, world.store, sleep=world.sleep) as next_one:
        await next_one.settled()
    assert world.surface.said == [
        "t: one",
        "t: post d-1 planned",
        "#d: two",
        "t: update d-1 planned",
    ]


async def test_a_card_that_could_not_be_posted_keeps_its_place(world: World) -> None:
    await world.put(Reply("one"), CARD, Reply("two"))
    await asyncio.gather(world.speaker.speak(PLACE))
    assert world.surface.said == ["t: one", "t: post d-1 planned", "t: two"]
    await world.put(CardRef("help", "q"), Reply("three"))
    world.surface.down()
    with pytest.raises(TemporaryError):
        await world.speaker.speak(PLACE)
    await world.speaker.speak(PLACE)
    assert world.surface.said[3:] == ["t: post q planned", "t: three"]


async def test_a_crash_before_it_is_recorded_may_double_what_a_turn_said(
    world: World,
) -> None:
    await world.put(Reply("one"), Reply("two"))
    world.store.fails_at = "hot:out:"
    with pytest.raises(TemporaryError):
        await world.speaker.speak(PLACE)
    world.store.fails_at = None
    await world.restart().speak(PLACE)
    assert world.surface.said == ["t: one", "t: two", "t: one", "t: two"]


async def test_a_crash_before_a_card_was_recorded_doubles_nothing(world: World) -> None:
    await world.put(CARD)
    world.store.fails_at = "hot:out:"
    with pytest.raises(TemporaryError):
        await world.speaker.speak(PLACE)
    world.store.fails_at = None
    await world.restart().speak(PLACE, resumed=True)
    assert world.surface.said == ["t: post d-1 planned", "t: update d-1 planned"]


async def test_what_a_dead_process_left_is_sent_by_the_next(world: World) -> None:
    await world.put(Reply("left"))
    async with delivering(world.speaker, world.store, sleep=world.sleep) as delivery:
        await delivery.settled()
    assert world.surface.said == ["t: left"]


async def test_what_was_given_to_another_process_is_left_to_it_while_it_may_live(
    world: World,
) -> None:
    await world.put(Reply("theirs"), by="them")
    assert await world.speaker.speak(PLACE) is None
    assert world.surface.said == []
    world.clock.advance(CLAIM_S)
    assert await world.speaker.speak(PLACE) is None
    assert world.surface.said == ["t: theirs"]


async def test_what_comes_first_is_waited_for_when_another_process_says_it(world: World) -> None:
    await world.put(Reply("theirs"), by="them")
    await world.put(Reply("ours"))
    assert await world.speaker.speak(PLACE) == ELSEWHERE_S
    assert world.surface.said == []
    await world.restart("them").speak(PLACE)
    await world.restart("us").speak(PLACE)
    assert world.surface.said == ["t: theirs", "t: ours"]


async def test_a_process_that_was_frozen_does_not_speak_what_another_has_taken_over(
    world: World,
) -> None:
    entry = await world.put(Reply("one"))
    world.clock.advance(CLAIM_S)
    frozen, world.speaker = world.speaker, world.restart("them")
    await world.speaker.speak(PLACE)
    assert await frozen.speak(PLACE, [entry]) == ELSEWHERE_S
    assert world.surface.said == ["t: one"]


async def test_a_card_that_was_on_its_way_from_a_frozen_process_is_shown_again(
    world: World,
) -> None:
    """It was drawn before the freeze and comes after what another process has shown since."""
    await world.put(CARD)
    await world.speaker.speak(PLACE)
    world.clock.advance(5)
    await world.put(CARD)
    frozen, update = world.speaker, world.surface.update

    async def late(thread: ThreadId, message: MessageId, card: Card) -> None:
        world.surface.update = update  # type: ignore[method-assign]
        world.clock.advance(CLAIM_S + 1)
        world.state = "applied"
        await world.restart("other").speak(PLACE, resumed=True)
        await update(thread, message, card)

    world.surface.update = late  # type: ignore[method-assign]
    pause = await frozen.speak(PLACE)
    assert world.surface.said[-1] == "t: update d-1 planned"
    world.clock.advance(pause or 0)
    assert await frozen.speak(PLACE) is None
    assert world.surface.said[-1] == "t: update d-1 applied"
    assert await world.waiting() == 0


async def test_a_claim_is_renewed_while_the_surface_is_not_there(
    world: World, delivery: Delivery
) -> None:
    delivery.nudge(PLACE, await world.put(Reply("one"), Reply("two")))
    world.surface.down(7)
    await delivery.settled()
    assert sum(world.slept) > CLAIM_S
    assert world.surface.said == ["t: one", "t: two"]


async def test_what_was_sent_before_a_failure_is_noted(world: World) -> None:
    """The second of three cannot be sent; the process dies; the next one sends what is left."""
    await world.put(Reply("one"), Reply("two"), Reply("three"))
    world.surface.failing = [None, TemporaryError("no", retry_after_s=1.0)]
    with pytest.raises(TemporaryError):
        await world.speaker.speak(PLACE)
    await world.restart().speak(PLACE)
    assert world.surface.said == ["t: one", "t: two", "t: three"]


async def test_what_is_known_is_not_looked_for(world: World, delivery: Delivery) -> None:
    world.store.calls.clear()
    delivery.nudge(PLACE, await world.put(Reply("one")))
    delivery.nudge(PLACE, await world.put(Reply("two")))
    await delivery.settled()
    assert world.store.calls == ["batch"] * 4
    assert world.surface.said == ["t: one", "t: two"]


async def test_a_card_in_its_own_place_may_be_as_it_was_stored_there(world: World) -> None:
    await world.put(CARD)
    await world.put(CARD, place=Place("threads", THREAD))
    await world.speaker.speak(PLACE)
    world.clock.advance(5)
    await world.speaker.speak(THREADS_PLACE)
    assert world.versions == [1, None, None]


async def test_a_card_that_another_process_may_show_is_looked_at_once_more(world: World) -> None:
    """It was drawn for a thread, and comes after what another process has shown since."""
    await world.put(CARD)
    await world.speaker.speak(PLACE)
    world.clock.advance(5)
    for place in (THREADS_PLACE, PLACE):
        await world.changes_while_shown("applied", place)
        assert world.surface.said[-1] == "t: update d-1 applied"
        world.state = "planned"


async def test_a_card_that_does_for_later_ones_is_as_new_as_the_last_of_them(world: World) -> None:
    """Others have written those: what this process knows of the first version is too old."""
    for _ in range(3):
        await world.put(CARD)
    await world.speaker.speak(PLACE)
    assert world.versions == [3]


async def test_a_card_that_was_sent_and_not_noted_does_not_do_for_a_later_one(world: World) -> None:
    await world.put(CARD)
    world.store.fails_at = "hot:out:"
    with pytest.raises(TemporaryError):
        await world.speaker.speak(PLACE)
    world.store.fails_at = None
    world.state = "applied"
    await world.put(CARD)
    world.clock.advance(5)
    await world.speaker.speak(PLACE)
    assert world.surface.said == ["t: post d-1 planned", "t: update d-1 applied"]
    assert await world.waiting() == 0


async def test_what_nobody_can_send_does_not_silence_the_thread(world: World) -> None:
    world.surface.failing = [PermanentError("too long")]
    await world.put(Reply("bad"), CardRef("deployment", "gone"), Reply("good"))
    await world.speaker.speak(PLACE)
    assert world.surface.said == ["t: good"]
    assert await world.waiting() == 0


async def test_a_card_whose_message_is_gone_is_posted_again(world: World) -> None:
    await world.put(CARD)
    await world.speaker.speak(PLACE)
    world.clock.advance(5)
    world.surface.failing = [PermanentError("message not found")]
    await world.put(CARD)
    await world.speaker.speak(PLACE)
    assert world.surface.said == ["t: post d-1 planned"] * 2
    message = await shown.message_of(world.store, THREAD, CARD)
    assert message
    assert message.value == "m1"


async def test_two_places_do_not_post_one_card_twice(world: World) -> None:
    other = Place("threads", THREAD)
    await world.put(CARD)
    await world.put(CARD, place=other)
    await asyncio.gather(world.speaker.speak(PLACE), world.speaker.speak(other))
    assert len(world.surface.cards) == 1


async def test_a_new_message_cuts_a_pause_short(world: World) -> None:
    paused = asyncio.Event()

    async def forever(seconds: float) -> None:
        paused.set()
        await asyncio.Event().wait()

    async with delivering(world.speaker, world.store, sleep=forever) as delivery:
        world.surface.down()
        await world.put(Reply("one"))
        delivery.nudge(PLACE)
        await paused.wait()
        await world.put(Reply("two"))
        delivery.nudge(PLACE)
        await delivery.settled()
    assert world.surface.said == ["t: one", "t: two"]
