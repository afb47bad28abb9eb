"""The lists of deployments, made anew from the deployments."""

from io import StringIO
from pathlib import Path

import pytest

from bot.indexing import index
from bot.settings import Settings
from capabilities.registry import catalogue
from orchestration.adapters.sqlite import open_store
from orchestration.index import CONTAINER, month_line
from orchestration.ports import Body, Delete, DeploymentId, Put, Write
from orchestration.reindexing import Reindexed, Reindexing
from orchestration.standing import standing
from tests.clock import FakeClock
from tests.doubles.house import ORGANISATION, House, draft, house_over

DAY_S = 86_400
MARCH, APRIL, MAY = (f"{ORGANISATION}/2026-0{month}" for month in (3, 4, 5))


@pytest.fixture
def home(home_on_each_store: House) -> House:
    return home_on_each_store


async def reindexed(home: House) -> Reindexed:
    """By a process of its own."""
    deployments = home.worker().shop.deployments
    return await Reindexing(deployments, catalogue(), home.people).run()


async def lines(home: House) -> dict[tuple[str, str], Body]:
    """All that the container has, by partition and id."""
    found = {}
    for partition in (ORGANISATION, MARCH, APRIL, MAY):
        page = await home.store.find(CONTAINER, partition, limit=1000)
        found |= {(partition, one.id): one.body for one in page.documents}
    return found


async def three(home: House) -> tuple[DeploymentId, ...]:
    """One of March that is done, one of April that waits for sign-off, one of May that nobody has
    looked at."""
    done = await home.submit(draft("storage"))
    await home.worker().run(done)
    await home.click("ana", done)
    await home.worker().run(done)
    assert standing(await home.get(done)) == "succeeded"
    home.clock.advance(30 * DAY_S)
    waits = await home.submit(draft("storage", environment="production"))
    await home.worker().run(waits)
    home.clock.advance(30 * DAY_S)
    return done, waits, await home.submit(draft("azure_openai"))


async def write(home: House, partition: str, write: Write) -> None:
    await home.store.batch(CONTAINER, partition, [write], operation=f"{write}"[:200])


async def clear(home: House) -> None:
    for partition, id in await lines(home):
        await write(home, partition, Delete(id))


async def test_lists_that_are_lost_are_there_again(home: House) -> None:
    ids = await three(home)
    done = next(body for (_, id), body in (await lines(home)).items() if id.endswith(ids[0]))
    await clear(home)
    assert await reindexed(home) == Reindexed(3, 0)
    assert await home.deployments().index.newest(10) == ids[::-1]
    made = await lines(home)
    months = [(ORGANISATION, month_line(f"2026-0{month}")) for month in (3, 4, 5)]
    opened = [(ORGANISATION, f"open:{id}") for id in sorted(ids[1:])]
    past = [(MARCH, ids[0]), (APRIL, ids[1]), (MAY, ids[2])]
    assert [*made][:5] == [*months, *opened]
    assert [(partition, id.rpartition(":")[2]) for partition, id in [*made][5:]] == past
    assert next(body for (_, id), body in made.items() if id.endswith(ids[0])) == done


async def test_lists_of_before_there_were_months_are_moved(home: House) -> None:
    ids = await three(home)
    await reindexed(home)
    right = await lines(home)
    await clear(home)
    for (_, id), body in right.items():
        if not id.startswith("month:"):
            await write(home, ORGANISATION, Put(id, body))
    assert await home.deployments().index.newest(10) == ()
    assert await reindexed(home) == Reindexed(3, 3)
    assert await home.deployments().index.newest(10) == ids[::-1]
    assert await lines(home) == right
    assert await reindexed(home) == Reindexed(3, 0)


async def test_lines_without_a_deployment_go_and_what_is_right_stays(home: House) -> None:
    await three(home)
    await reindexed(home)
    right = await lines(home)
    body = next(body for (partition, _), body in right.items() if partition == MARCH)
    gone = {"deployment": "d-gone"}
    await write(home, APRIL, Put("past:0000000000001:d-gone", gone))
    await write(home, ORGANISATION, Put("past:0000000000001:d-gone", gone))
    await write(home, ORGANISATION, Put("open:d-gone", gone))
    await write(home, MARCH, Put("past:0000000000002:another-time", body))
    await write(home, MAY, Put(next(id for place, id in right if place == MARCH), body))
    assert await reindexed(home) == Reindexed(3, 5)
    assert await lines(home) == right


async def test_a_line_that_stayed_open_goes(home: House) -> None:
    done, *_ = await three(home)
    await reindexed(home)
    right = await lines(home)
    late = next(body for (_, id), body in right.items() if id.startswith("open:"))
    await write(home, ORGANISATION, Put(f"open:{done}", {**late, "deployment": done}))
    await reindexed(home)
    said = [line async for line in home.deployments().index.lines() if line.deployment == done]
    assert [line.is_past for line in said] == [True]
    home.clock.advance(DAY_S)
    assert await lines(home) == right


async def test_what_another_organisation_has_is_left_out(home: House) -> None:
    await three(home)
    deployments = home.worker().shop.deployments
    deployments.organisation = "elsewhere"
    assert (await Reindexing(deployments, catalogue(), home.people).run()).listed == 0


async def test_the_command_says_what_it_did(tmp_path: Path, clock: FakeClock) -> None:
    async with open_store(tmp_path / "store.db", clock) as store:
        await three(house_over(store, tmp_path, clock))
    out = StringIO()
    settings = Settings(store=tmp_path, organisation=ORGANISATION, prices_live=False)
    assert await index(settings, out) == 0
    assert out.getvalue() == "3 deployments are listed, 0 wrong lines were removed\n"
