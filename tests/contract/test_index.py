"""The lists by month: over months, what they cost, and when somebody dies between two writes."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from benchmarks.counting import CountingStore, Tally, counted
from capabilities.registry import catalogue
from orchestration.cards.facing import Facing
from orchestration.errors import PermanentError, TemporaryError
from orchestration.index import CONTAINER, Index, past_line
from orchestration.listing import Summary
from orchestration.ports import Body, Delete, DeploymentId, Put
from orchestration.standing import standing
from orchestration.summaries import summarised
from tests.doubles.flaky import FlakyStore
from tests.doubles.house import ORGANISATION, House, draft
from tests.doubles.mortal import Died, MortalStore

DAY_S = 86_400


@pytest.fixture
def home(home_on_each_store: House) -> House:
    return home_on_each_store


async def no_summary(id: str) -> Summary:
    raise AssertionError(f"{id} has been noted")


async def asked(home: House, *days: int) -> list[DeploymentId]:
    """So many days apart; the clock stands in the morning of March 2."""
    ids = []
    for each in days:
        home.clock.advance(each * DAY_S)
        ids.append(await home.submit(draft("storage")))
    return ids


async def rejected(home: House) -> DeploymentId:
    """A deployment that was open for long and has just ended; nobody has looked at it since."""
    id = await home.submit(draft("storage", environment="production"))
    await home.worker().run(id)
    home.clock.advance(30 * DAY_S)
    await home.click("omar", id, "reject", reason="not this month")
    assert standing(await home.get(id)) == "rejected"
    return id


async def told(home: House, id: DeploymentId) -> list[tuple[str, str]]:
    """Its lines: of which kind they are, and the state they tell."""
    found = []
    async for line in Index(home.store, ORGANISATION).lines():
        if line.deployment == id:
            body = (await home.store.get(CONTAINER, line.partition, line.id)).body
            said = body.get("summary", {"state": "listed"})
            found.append(("past" if line.is_past else "open", said["state"]))
    return found


async def seen(home: House, id: DeploymentId) -> tuple[Summary, int]:
    """What a look that begins now would note."""
    loaded = await home.deployments().loaded(id)
    return summarised(loaded.deployment, Facing((), {}, catalogue())), loaded.version


async def goes_on(home: House) -> tuple[DeploymentId, list[tuple[Summary, int]]]:
    """What there was to note of a deployment that was asked for, cancelled, and wanted again."""
    id, ana = await home.submit(draft("storage")), await home.person("ana")
    looks = [await seen(home, id)]
    await home.provisioning.cancel(id, ana)
    looks.append(await seen(home, id))
    await home.provisioning.retry(id, ana)
    looks.append(await seen(home, id))
    assert [summary.state for summary, _ in looks] == ["planning", "cancelled", "planning"]
    assert looks[0][0] == looks[2][0]
    return id, looks


async def listed(home: House) -> list[str]:
    index = Index(home.store, ORGANISATION)
    return [one.state for one in await index.summaries(9, no_summary)]


def named(body: Body, id: str) -> Body:
    return {**body, "deployment": id, "summary": {**body["summary"], "id": id}}


async def cleared(home: House, partition: str) -> None:
    page = await home.store.find(CONTAINER, partition)
    writes = [Delete(one.id) for one in page.documents]
    await home.store.batch(CONTAINER, partition, writes, operation="clear")


# ------------------------------------------------ over months


async def test_the_newest_are_taken_from_as_many_months_as_it_takes(home: House) -> None:
    """Two of March, none of April, three of May, one of each month until December."""
    ids = await asked(home, 0, 9, 60, 1, 1, *[31] * 7)
    index = Index(home.store, ORGANISATION)
    for limit in range(1, len(ids) + 2):
        assert await index.newest(limit) == tuple(ids[::-1][:limit]), limit
    in_months = [line.partition[-2:] async for line in index.lines()]
    assert in_months == ["12", "11", "10", "09", "08", "07", "06", "05", "05", "05", "03", "03"]


async def test_what_waits_since_another_month_is_on_the_list_beside_the_newest(
    home: House,
) -> None:
    ana, worker = await home.person("ana"), home.worker()
    waits, april, may = await asked(home, 0, 40, 30)
    for id in (april, may):
        await home.provisioning.cancel(id, ana)
    for id in (waits, april, may):
        await worker.run(id)
    index = home.deployments().index
    assert [one.id for one in await index.summaries(1, no_summary)] == [may, waits]
    assert [one.id for one in await index.summaries(2, no_summary)] == [may, april, waits]
    assert [one.id for one in await index.open(no_summary)] == [waits]


@pytest.mark.parametrize(
    ("at", "month"),
    [
        ("2026-03-31T23:59:59.999+00:00", "2026-03"),
        ("2026-04-01T00:00:00+00:00", "2026-04"),
        ("2026-04-01T01:30:00+02:00", "2026-03"),
        ("2026-12-31T20:00:00-05:00", "2027-01"),
    ],
)
def test_a_month_is_one_of_utc(at: str, month: str) -> None:
    assert past_line("acme", datetime.fromisoformat(at), "d").partition == f"acme/{month}"


def test_the_later_the_earlier_in_a_month() -> None:
    at = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
    later = at + timedelta(milliseconds=1)
    assert past_line("acme", later, "d-1").id < past_line("acme", at, "d-2").id


# ------------------------------------------------ what they cost


async def test_listing_is_one_call_but_for_the_first_time_in_a_month(home: House) -> None:
    ids = await asked(home, 0, 1, 60)
    index, calls = Index(CountingStore(home.store), ORGANISATION), []
    for id in ids:
        tally = Tally()
        with counted(tally):
            await index.list(await home.get(id))
        calls.append([call.partition(":")[0] for call in tally.calls])
    assert calls == [["batch month", "batch past"], ["batch past"], ["batch month", "batch past"]]


async def test_the_newest_are_one_call_more_than_the_months_they_are_in(home: House) -> None:
    await asked(home, 0, 60, 1, 1)
    index = Index(CountingStore(home.store), ORGANISATION)
    for limit, months in ((3, 1), (4, 2), (50, 2)):
        tally = Tally()
        with counted(tally):
            await index.newest(limit)
        assert tally.calls == ["find index:month:", *["find index:past:"] * months]


async def test_a_look_writes_what_it_must_and_reads_what_another_worker_wrote(home: House) -> None:
    store = CountingStore(home.store)
    first, other = Index(store, ORGANISATION), Index(store, ORGANISATION)
    _, (wanted, cancelled, again) = await goes_on(home)

    async def calls(index: Index, look: tuple[Summary, int]) -> list[str]:
        tally = Tally()
        with counted(tally):
            await index.note(*look)
        return [call.partition(":")[0] for call in tally.calls]

    assert await calls(first, wanted) == ["batch month", "get open", "get past", "batch open"]
    assert await calls(first, cancelled) == ["batch past", "batch open"]
    assert await calls(first, again) == ["batch open"]
    assert await calls(first, again) == await calls(first, wanted) == []
    assert await calls(other, again) == ["batch month", "get open", "batch open"]
    later = (again[0], again[1] + 1)
    assert await calls(first, later) == ["batch open", "get open", "batch open"]


# ------------------------------------------------ several workers


async def test_what_comes_back_is_written_though_this_worker_noted_the_same_before(
    home: House,
) -> None:
    first, other = Index(home.store, ORGANISATION), Index(home.store, ORGANISATION)
    id, (wanted, cancelled, again) = await goes_on(home)
    for index, look in ((first, wanted), (other, cancelled), (first, again)):
        await index.note(*look)
        assert await listed(home) == [look[0].state]
    assert [one.id for one in await first.open(no_summary)] == [id]


@pytest.mark.parametrize(("knows", "later_s"), [(False, 0), (True, 0), (True, 2 * DAY_S)])
async def test_a_write_that_comes_after_the_end_opens_nothing(
    home: House, knows: bool, later_s: int
) -> None:
    id, (wanted, cancelled, _) = await goes_on(home)
    flaky, other = FlakyStore(home.store), Index(home.store, ORGANISATION)
    late = Index(flaky, ORGANISATION)
    if knows:
        await late.note(*wanted)
        wanted = (replace(wanted[0], title="Another"), wanted[1])
    flaky.slow_at = "open:"
    look = asyncio.create_task(late.note(*wanted))
    await flaky.held.wait()
    await other.note(*wanted)
    await other.note(*cancelled)
    home.clock.advance(later_s)
    flaky.go_on.set()
    await look
    assert await told(home, id) == [("past", "cancelled")]
    assert await listed(home) == ["cancelled"]
    assert await other.open(no_summary) == ()


async def test_who_made_it_closes_what_another_worker_opened(home: House) -> None:
    id, (wanted, cancelled, again) = await goes_on(home)
    await cleared(home, f"{ORGANISATION}/2026-03")
    maker, other = Index(home.store, ORGANISATION), Index(home.store, ORGANISATION)
    await maker.list(await home.get(id))
    await other.note(*wanted)
    await maker.note(*cancelled)
    assert await told(home, id) == [("past", "cancelled")]
    await other.note(*again)
    assert await told(home, id) == [("open", "planning"), ("past", "cancelled")]


async def test_who_looked_long_ago_makes_no_line_of_what_has_ended(home: House) -> None:
    id, (wanted, cancelled, _) = await goes_on(home)
    for look in (wanted, cancelled):
        await Index(home.store, ORGANISATION).note(*look)
    home.clock.advance(DAY_S)
    await Index(home.store, ORGANISATION).note(*wanted)
    assert await told(home, id) == [("past", "cancelled")]


async def test_an_end_that_is_noted_late_closes_nothing_that_goes_on(home: House) -> None:
    id, (wanted, cancelled, again) = await goes_on(home)
    flaky, other = FlakyStore(home.store), Index(home.store, ORGANISATION)
    await other.note(*wanted)
    flaky.slow_at = "past:"
    look = asyncio.create_task(Index(flaky, ORGANISATION).note(*cancelled))
    await flaky.held.wait()
    await other.note(*again)
    flaky.go_on.set()
    await look
    assert await told(home, id) == [("open", "planning"), ("past", "cancelled")]
    assert await listed(home) == ["planning"]


async def test_of_two_lines_the_later_one_counts(home: House) -> None:
    _, (wanted, cancelled, _) = await goes_on(home)
    flaky = FlakyStore(home.store)
    index = Index(flaky, ORGANISATION)
    await index.note(*wanted)
    flaky.fails_at = "open:"
    with pytest.raises(TemporaryError):
        await index.note(*cancelled)
    assert await listed(home) == ["cancelled"]


async def test_listing_what_has_been_noted_already_takes_nothing_away(home: House) -> None:
    id, (_, cancelled, _) = await goes_on(home)
    index = Index(home.store, ORGANISATION)
    await index.note(*cancelled)
    await index.list(await home.get(id))
    assert await told(home, id) == [("past", "cancelled")]


async def test_all_that_is_open_is_on_the_list_however_much_it_is(home: House) -> None:
    id, (wanted, *_) = await goes_on(home)
    index = Index(home.store, ORGANISATION)
    await index.note(*wanted)
    body = (await home.store.get(CONTAINER, ORGANISATION, f"open:{id}")).body
    ids = [f"d-{n:012}" for n in range(1100)]
    for n in range(0, len(ids), 100):
        lines = [Put(f"open:{one}", named(body, one)) for one in ids[n : n + 100]]
        await home.store.batch(CONTAINER, ORGANISATION, lines, operation=f"fill-{n}")
    assert {one.id for one in await index.open(no_summary)} == {id, *ids}
    assert len(await index.summaries(1, no_summary)) == 1101


# ------------------------------------------------ between two writes


async def test_two_processes_may_begin_a_month(home: House) -> None:
    ids = await asked(home, 0, 1)
    found = [await home.get(id) for id in ids]
    for partition in (ORGANISATION, f"{ORGANISATION}/2026-03"):
        await cleared(home, partition)
    await asyncio.gather(*(Index(home.store, ORGANISATION).list(each) for each in found))
    assert await Index(home.store, ORGANISATION).newest(9) == tuple(ids[::-1])


@pytest.mark.parametrize(("at", "after"), [(1, False), (1, True), (2, True)])
async def test_who_dies_while_a_month_begins_leaves_lists_that_can_be_read(
    home: House, at: int, after: bool
) -> None:
    (march,) = await asked(home, 0)
    home.clock.advance(60 * DAY_S)
    dying = MortalStore(home.store, at=at, after=after)
    home.deployments().index = Index(dying, ORGANISATION)
    with pytest.raises(Died):
        await home.submit(draft("storage"))
    (may,) = {*await home.deployments().open()} - {march}
    index = Index(home.store, ORGANISATION)
    unseen = await home.store.find(CONTAINER, f"{ORGANISATION}/2026-05")
    assert len(unseen.documents) == at - 1, "no line before its month"
    assert await index.newest(9) == ((may, march) if at == 2 else (march,))
    await home.worker().run(may)
    assert await index.newest(9) == (may, march)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_what_has_ended_is_not_open_wherever_its_last_look_was_cut_off(
    home: House, after: bool
) -> None:
    at, died = 0, True
    while died:
        at += 1
        id = await rejected(home)
        store = MortalStore(home.store, at=at, after=after)
        with suppress(Died):
            await home.worker(store=store).run(id)
        died = store.dead
        await home.worker().run(id)
        assert await told(home, id) == [("past", "rejected")], at
    assert at == 4, "the month, the line in it, the line of what is open"


@pytest.mark.parametrize("write", ["month:", "past:", "open:"])
async def test_what_could_not_be_written_is_when_the_same_worker_looks_again(
    home: House, write: str
) -> None:
    id = await rejected(home)
    flaky = FlakyStore(home.store)
    worker = home.worker(store=flaky)
    flaky.fails_at = write
    with pytest.raises(TemporaryError):
        await worker.run(id)
    assert ("open", "awaiting") in await told(home, id)
    flaky.fails_at = None
    await worker.run(id)
    assert await told(home, id) == [("past", "rejected")]


async def test_a_line_says_what_is_so_when_what_had_ended_goes_on(home: House) -> None:
    id = await home.submit(draft("storage", environment="production"))
    ana, worker = await home.person("ana"), home.worker()
    await home.provisioning.cancel(id, ana)
    await worker.run(id)
    assert await told(home, id) == [("past", "cancelled")]
    await home.provisioning.retry(id, ana)
    await worker.run(id)
    assert ("open", "awaiting") in await told(home, id)
    found = await home.deployments().index.summaries(9, no_summary)
    assert [one.state for one in found] == ["awaiting"]


async def test_a_partition_that_is_full_stops_no_deployment(home: House) -> None:
    """What could not be written is written when the deployment is looked at again."""
    flaky = FlakyStore(home.store)
    flaky.fails_at, flaky.failure = "past:", PermanentError("the partition is full")
    index = Index(flaky, ORGANISATION)
    id = await home.submit(draft("storage", environment="production"))
    await cleared(home, f"{ORGANISATION}/2026-03")
    await index.list(await home.get(id))
    await index.note(*await seen(home, id))
    assert await index.newest(1) == ()
    flaky.fails_at = None
    await index.list(await home.get(id))
    assert await index.newest(1) == (id,)
