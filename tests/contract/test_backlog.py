import pytest

from orchestration.backlog import GRACE_S, Backlog, Place
from orchestration.ports import Store
from tests.clock import FakeClock
from tests.doubles.flaky import FlakyStore

PLACE = Place("threads", "19:x/y")


@pytest.fixture
def backlog(store: Store, clock: FakeClock) -> Backlog:
    return Backlog(store, clock, "pending")


async def places(backlog: Backlog) -> list[Place]:
    return [mark.place for mark in await backlog.marks()]


async def test_marks_are_found_by_another_process(
    backlog: Backlog, store: Store, clock: FakeClock
) -> None:
    marked = {Place("deployments", f"d-{n}") for n in range(120)}
    for place in marked:
        await backlog.mark(place)
    assert set(await places(Backlog(store, clock, "pending"))) == marked
    assert await places(Backlog(store, clock, "inbox")) == []


async def test_a_young_mark_stays_for_the_batch_it_announced(
    backlog: Backlog, clock: FakeClock
) -> None:
    await backlog.mark(PLACE)
    (mark,) = await backlog.marks()
    clock.advance(GRACE_S - 1)
    await backlog.clear(mark)
    assert await places(backlog) == [PLACE]
    clock.advance(1)
    await backlog.clear(mark)
    await backlog.clear(mark)
    assert await places(backlog) == []


async def test_a_mark_made_again_meanwhile_stays(
    backlog: Backlog, store: Store, clock: FakeClock
) -> None:
    await backlog.mark(PLACE)
    (old,) = await backlog.marks()
    clock.advance(GRACE_S)
    await Backlog(store, clock, "pending").mark(PLACE)
    await backlog.clear(old)
    assert await places(backlog) == [PLACE]


async def test_a_busy_place_is_not_marked_each_time(store: Store, clock: FakeClock) -> None:
    counted = FlakyStore(store)
    backlog = Backlog(counted, clock, "pending")
    for _ in range(GRACE_S):
        await backlog.mark(PLACE)
        clock.advance(1)
    assert len(counted.calls) == 2
