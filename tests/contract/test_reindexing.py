"""The lists of deployments, made anew from the deployments."""

from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import pytest

from bot.doctor.cosmos import CONTAINERS
from bot.indexing import index
from bot.settings import Settings
from capabilities.registry import catalogue
from orchestration.adapters.cosmos import open_store as open_cosmos
from orchestration.adapters.sqlite import open_store
from orchestration.index import CONTAINER
from orchestration.ports import Create, Delete, DeploymentId
from orchestration.reindexing import Reindexed, Reindexing
from orchestration.standing import standing
from tests.clock import FakeClock
from tests.doubles.house import ORGANISATION, House, draft, house_over
from tests.far.cosmos.account import KEY
from tests.far.cosmos.double import cosmos_double


@pytest.fixture(params=["sqlite", "cosmos"])
async def home(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[House]:
    if request.param == "sqlite":
        async with open_store(tmp_path / "store.db", clock) as store:
            yield house_over(store, tmp_path, clock)
        return
    async with cosmos_double(clock) as double:
        double.account.make("signoff", *CONTAINERS)
        async with open_cosmos(double.url, "signoff", KEY) as store:
            yield house_over(store, tmp_path, clock)


async def reindexed(home: House) -> Reindexed:
    return await Reindexing(home.deployments(), catalogue(), home.people).run()


async def lines(home: House) -> dict[str, object]:
    page = await home.store.find(CONTAINER, ORGANISATION, limit=1000)
    return {one.id: one.body for one in page.documents}


async def three(home: House) -> tuple[DeploymentId, ...]:
    """One that is done, one that waits for sign-off, one that nobody has looked at."""
    done = await home.submit(draft("storage"))
    await home.worker().run(done)
    await home.click("ana", done)
    await home.worker().run(done)
    assert standing(await home.get(done)) == "succeeded"
    home.clock.advance(60)
    waits = await home.submit(draft("storage", environment="production"))
    await home.worker().run(waits)
    home.clock.advance(60)
    return done, waits, await home.submit(draft("azure_openai"))


async def test_lists_that_are_lost_are_there_again(home: House) -> None:
    ids = await three(home)
    done = next(body for id, body in (await lines(home)).items() if id.endswith(ids[0]))
    for line in await lines(home):
        await write(home, Delete(line))
    assert await reindexed(home) == Reindexed(3, 0)
    assert await home.deployments().index.newest(10) == ids[::-1]
    made = await lines(home)
    assert len(made) == 5, "three that were, two that are open"
    assert next(body for id, body in made.items() if id.endswith(ids[0])) == done
    assert {id for id in made if id.startswith("open:")} == {f"open:{id}" for id in ids[1:]}


async def test_lines_without_a_deployment_go_and_what_is_right_stays(home: House) -> None:
    await three(home)
    await reindexed(home)
    right = await lines(home)
    body = right[next(id for id in right if id.startswith("past:"))]
    gone = {"deployment": "d-gone"}
    await write(home, Create("past:0000000000001:d-gone", gone))
    await write(home, Create("open:d-gone", gone))
    await write(home, Create("past:0000000000002:moved", body))
    assert await reindexed(home) == Reindexed(3, 3)
    assert await lines(home) == right


async def test_what_another_organisation_has_is_left_out(home: House) -> None:
    await three(home)
    home.deployments().organisation = "elsewhere"
    assert (await reindexed(home)).listed == 0


async def test_the_command_says_what_it_did(tmp_path: Path, clock: FakeClock) -> None:
    async with open_store(tmp_path / "store.db", clock) as store:
        await three(house_over(store, tmp_path, clock))
    out = StringIO()
    settings = Settings(store=tmp_path, organisation=ORGANISATION, prices_live=False)
    assert await index(settings, out) == 0
    assert out.getvalue() == "3 deployments are listed, 0 wrong lines were removed\n"


async def write(home: House, write: Create | Delete) -> None:
    await home.store.batch(CONTAINER, ORGANISATION, [write], operation=f"{write}"[:200])
