"""What one process gives another one to say, through the store."""

import asyncio
from datetime import UTC, datetime

from orchestration.messages import Reply, ThreadId
from orchestration.news import News, OthersVoice
from orchestration.outbox import Entry
from orchestration.places import Place
from orchestration.ports import ETag, Store
from tests.clock import FakeClock

PLACE = Place("deployments", "d-1")


async def _told(voice: OthersVoice, place: Place) -> str:
    """Who it was given to."""
    before = asyncio.all_tasks()
    claim = await voice.claim(place)
    entry = Entry("hot:out:1", ThreadId("t"), {0: Reply("a")}, claim, ETag("1"))
    voice.tell(place, entry, alone=True)
    await asyncio.gather(*(asyncio.all_tasks() - before))
    return claim.speaker


async def test_a_place_that_was_told_of_is_heard_once(store: Store, clock: FakeClock) -> None:
    web, worker = News(store, "web"), OthersVoice(store, clock)
    await web.there()
    assert await _told(worker, PLACE) == "web"
    assert await web.heard() == [PLACE]
    assert await web.heard() == []


async def test_a_place_that_is_told_of_again_is_heard_again(store: Store, clock: FakeClock) -> None:
    web, worker = News(store, "web"), OthersVoice(store, clock)
    await web.there()
    await _told(worker, PLACE)
    await web.heard()
    await _told(worker, PLACE)
    assert await web.heard() == [PLACE]


async def test_where_nobody_speaks_nobody_is_told(store: Store, clock: FakeClock) -> None:
    worker = OthersVoice(store, clock)
    assert await _told(worker, PLACE) == ""
    claim = await worker.claim(PLACE)
    assert claim.until == datetime.min.replace(tzinfo=UTC)
    assert not claim.binds("anybody", clock.now())


async def test_of_many_speakers_each_place_has_one(store: Store, clock: FakeClock) -> None:
    speakers = {f"web-{n}": News(store, f"web-{n}") for n in range(4)}
    for one in speakers.values():
        await one.there()
    places = [Place("deployments", f"d-{n}") for n in range(100)]
    workers = [OthersVoice(store, clock) for _ in range(2)]
    given = [[(await worker.claim(place)).speaker for place in places] for worker in workers]
    assert given[0] == given[1]
    assert {*given[0]} == {*speakers}
    assert min(given[0].count(name) for name in speakers) >= 10


async def test_who_goes_or_dies_is_given_nothing_more(store: Store, clock: FakeClock) -> None:
    gone, dead, there = (News(store, name) for name in ("gone", "dead", "there"))
    for one in (gone, dead, there):
        await one.there()
    await gone.gone()
    clock.advance(14)
    await there.there()
    clock.advance(1)
    worker = OthersVoice(store, clock)
    places = [Place("deployments", f"d-{n}") for n in range(20)]
    assert {(await worker.claim(place)).speaker for place in places} == {"there"}


async def test_what_is_left_with_the_others_stays_with_them(store: Store, clock: FakeClock) -> None:
    names = [f"web-{n}" for n in range(4)]
    for name in names:
        await News(store, name).there()
    places = [Place("deployments", f"d-{n}") for n in range(100)]
    worker = OthersVoice(store, clock)
    before = [(await worker.claim(place)).speaker for place in places]
    await News(store, "web-2").gone()
    clock.advance(6)
    after = [(await worker.claim(place)).speaker for place in places]
    moved = [one for one, other in zip(before, after, strict=True) if one != other]
    assert {*moved} == {"web-2"}
