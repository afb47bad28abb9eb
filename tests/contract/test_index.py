"""The lists by month: over months, what they cost, and when somebody dies between two writes."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from benchmarks.counting import CountingStore, Tally, counted
from orchestration.errors import TemporaryError
from orchestration.index import CONTAINER, Index, past_line
from orchestration.listing import Summary
from orchestration.ports import Delete, DeploymentId
from orchestration.standing import standing
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
            found.append(("past" if line.is_past else "open", body["summary"]["state"]))
    return found


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
