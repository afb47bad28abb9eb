"""What one of several speakers may say, and for how long; what it does when the store fails it."""

import asyncio
from uuid import uuid4

import pytest

from orchestration import outbox, places
from orchestration.errors import TemporaryError
from orchestration.messages import Notice, Reply, ThreadId
from orchestration.places import claimed
from orchestration.ports import Store
from orchestration.speaker import ELSEWHERE_S, LONG_ELSEWHERE_S, Speaker
from tests.clock import FakeClock
from tests.doubles.world import CARD, PLACE, THREAD, World


@pytest.fixture
def world(store: Store, clock: FakeClock) -> World:
    return World(store, clock)


def another(world: World) -> Speaker:
    return Speaker(world.store, world.surface, world.render, world.clock, "another")


async def test_who_is_slow_keeps_what_it_has_begun_to_say(world: World) -> None:
    """Each message takes longer than what is left of the claim; another process looks meanwhile."""
    say, other = world.surface.say, another(world)

    async def slow(thread: ThreadId, reply: Reply, *, key: str) -> None:
        world.clock.advance(12)
        await say(thread, reply, key=key)
        await other.speak(PLACE, resumed=True)

    world.surface.say = slow  # type: ignore[method-assign]
    await world.put(Reply("one"), Reply("two"), Reply("three"), Notice("#d", "four"))
    await world.speaker.speak(PLACE)
    assert world.surface.said == ["t: one", "t: two", "t: three", "#d: four"]
    assert await world.waiting() == 0


async def test_what_takes_longer_than_the_claim_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "CLAIM_S", 0.05)

    async def forever(thread: ThreadId, reply: Reply, *, key: str) -> None:
        await asyncio.Event().wait()

    world.surface.say = forever  # type: ignore[method-assign]
    await world.put(Reply("one"))
    with pytest.raises(TemporaryError, match="speaking in 't'"):
        await world.speaker.speak(PLACE)
    assert await world.waiting() == 1


async def test_what_another_one_says_for_long_is_looked_at_less_and_less_often(
    world: World,
) -> None:
    await world.put(Reply("theirs"), by="another")
    await world.put(Reply("ours"))
    pauses = []
    for seconds in (0, 10, 10):
        world.clock.advance(seconds)
        pauses.append(await world.speaker.speak(PLACE))
    assert pauses == [ELSEWHERE_S, 1.0, 2.0]
    await another(world).speak(PLACE)
    world.clock.advance(10)
    await world.put(Reply("late"), by="another")
    world.surface.down()
    world.clock.advance(21)
    with pytest.raises(TemporaryError):
        await another(world).speak(PLACE)
    await world.put(Reply("ours again"))
    assert await world.speaker.speak(PLACE) == LONG_ELSEWHERE_S


async def test_a_place_that_is_all_another_ones_is_looked_at_once(world: World) -> None:
    for number in range(outbox.AT_ONCE + 1):
        await world.put(Reply(f"{number}"), by="another")
    world.store.calls.clear()
    async with asyncio.timeout(5):
        assert await world.speaker.speak(PLACE) is None
    assert world.store.calls == ["find"]


async def test_what_was_noted_and_not_answered_does_not_hide_the_next(world: World) -> None:
    await world.put(CARD)
    await world.speaker.speak(PLACE)
    for state in ("1 of 3", "2 of 3"):
        world.clock.advance(5)
        world.state = state
        latest = outbox.latest_write(THREAD, CARD, claimed("us", world.clock.now()))
        await world.store.batch("deployments", "d-1", [latest], operation=uuid4().hex)
        world.store.unanswered_at = "hot:out:" if state == "1 of 3" else None
        if world.store.unanswered_at:
            with pytest.raises(TemporaryError):
                await world.speaker.speak(PLACE)
        assert await world.speaker.speak(PLACE) is None
    assert world.surface.said[-1] == "t: update d-1 2 of 3"
