"""Many want the workers: who is served first, and that nobody takes them all."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from approvals.change import Operation
from orchestration.ports import DeploymentId, Import, OnLine, Planned, Terraform, WorkspaceId
from orchestration.standing import is_final
from tests.contract.leaving import asked
from tests.doubles.house import House, draft, said
from tests.doubles.signing import sign
from tests.doubles.temporal import Cluster, cluster
from tests.doubles.terraform import FakeTerraform

_MANY = 30


@pytest.fixture
async def temporal(home: House) -> AsyncIterator[Cluster]:
    async with cluster(home) as running:
        yield running


class Gated(FakeTerraform):
    """Notes what it is asked for, and does nothing until the gate is open."""

    def __init__(self, home: House) -> None:
        super().__init__(home.cloud)
        self.open = asyncio.Event()
        self.asked: list[str] = []
        self.during = self._applied

    async def _applied(self, workspace: str, address: str) -> None:
        if not self.asked or self.asked[-1] != f"apply {workspace}":
            self.asked.append(f"apply {workspace}")
        await self.open.wait()

    async def plan(
        self,
        workspace: WorkspaceId,
        files: Mapping[str, str],
        *,
        operation: Operation,
        imports: Sequence[Import] = (),
        on_line: OnLine | None = None,
    ) -> Planned:
        self.asked.append(f"plan {workspace}")
        await self.open.wait()
        return await super().plan(workspace, files, operation=operation, imports=imports)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Workers that run one job at a time between them."""

    workers: int
    max_jobs: int
    limit: int

    @asynccontextmanager
    async def works(self, temporal: Cluster, terraform: Terraform) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for _ in range(self.workers):
                worker = temporal.worker(
                    terraform=terraform, max_jobs=self.max_jobs, limit=self.limit
                )
                await stack.enter_async_context(worker)
            yield


FLEETS = pytest.mark.parametrize(
    "fleet",
    [
        pytest.param(Fleet(workers=1, max_jobs=1, limit=0), id="one slot"),
        pytest.param(Fleet(workers=2, max_jobs=4, limit=1), id="one permit"),
    ],
)


@FLEETS
async def test_one_team_does_not_take_all_of_the_workers(temporal: Cluster, fleet: Fleet) -> None:
    terraform = Gated(temporal.home)
    async with fleet.works(temporal, terraform):
        ids = [await _ask(temporal, "ml", f"stmlnumber{n}") for n in range(_MANY)]
        ids.append(await _ask(temporal, "finance", "stfinance"))
        await temporal.until_queued(len(ids) - 1)
        terraform.open.set()
        for id in ids:
            await temporal.until(id, asked)
    place = next(n for n, asked in enumerate(terraform.asked) if "finance" in asked)
    assert len(terraform.asked) == _MANY + 1
    assert place <= 3, "finance, the last to ask, is among the first to be served"


@FLEETS
async def test_who_waits_for_a_plan_comes_before_what_runs_for_long(
    temporal: Cluster, fleet: Fleet
) -> None:
    home, terraform = temporal.home, Gated(temporal.home)
    terraform.open.set()
    async with fleet.works(temporal, terraform):
        signed = [await _ask(temporal, "ml", f"stmlnumber{n}") for n in range(5)]
        for id in signed:
            await temporal.until(id, asked)
        terraform.open.clear()
        terraform.asked.clear()
        for id in signed:
            await sign(home, id)
            await temporal.engine.nudge(id)
        await temporal.until_queued(len(signed) - 1)
        last = await _ask(temporal, "ml", "stmllast")
        await temporal.until_queued(len(signed))
        terraform.open.set()
        for id in signed:
            await temporal.until(id, is_final)
        await temporal.until(last, asked)
    assert terraform.asked[1].startswith("plan "), terraform.asked


async def _ask(temporal: Cluster, team: str, account: str) -> DeploymentId:
    wanted = draft("storage", account_name=account)
    theirs = replace(wanted, shared={**wanted.shared, **said(team=team)})
    id = await temporal.home.submit(theirs)
    await temporal.engine.nudge(id)
    return id
