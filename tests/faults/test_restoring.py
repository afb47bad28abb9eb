"""An account that is lost and restored as a copy of one moment, with an engine that knows nothing.

Azure restores a point in time as a new account; here a new double gets what the old one had.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.doctor.cosmos import CONTAINERS
from orchestration.adapters.cosmos import open_store
from orchestration.standing import standing
from tests.clock import FakeClock
from tests.contract.leaving import asked
from tests.doubles.house import House, draft, house_over
from tests.doubles.temporal import cluster
from tests.far.cosmos.account import KEY
from tests.far.cosmos.double import CosmosDouble, cosmos_double


@asynccontextmanager
async def living_in(double: CosmosDouble, folder: Path, clock: FakeClock) -> AsyncIterator[House]:
    async with open_store(double.url, "signoff", KEY) as store:
        yield house_over(store, folder, clock)


async def test_what_waited_for_sign_off_in_a_lost_account_is_signed_off_and_applied(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    async with cosmos_double(clock) as lost:
        lost.account.make("signoff", *CONTAINERS)
        async with (
            living_in(lost, tmp_path, clock) as home,
            cluster(home) as temporal,
            temporal.worker(),
        ):
            id = await home.submit(draft("storage", environment="production"))
            await temporal.engine.nudge(id)
            await temporal.until(id, asked)
        kept = list(lost.account.kept())
    async with cosmos_double(clock) as restored:
        for one in kept:
            restored.account.put_back(one)
        async with living_in(restored, tmp_path, clock) as home:
            await home.click("omar", id)
            assert home.engine.nudged[id] == 0, (
                "the store alone tells that there is something to do"
            )
            async with cluster(home) as temporal, temporal.worker():
                done = await temporal.until(id, lambda found: standing(found) == "succeeded")
            assert (await home.actions(id))[-1] == "applied"
    assert [one.decision.by for one in done.decisions] == ["omar"]
