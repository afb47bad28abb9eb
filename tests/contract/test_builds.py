"""Several builds of the worker at once: work goes to the one the cluster was told is current."""

import asyncio
import subprocess
from collections.abc import AsyncIterator

import pytest

from bot.processes.temporal_server import find_binary
from orchestration.engine.worker import WORKERS, Build
from orchestration.standing import is_final, standing
from tests.contract.leaving import asked
from tests.doubles.house import House, draft
from tests.doubles.signing import sign
from tests.doubles.temporal import Cluster, cluster
from tests.doubles.terraform import FakeTerraform

_OLD, _NEW = Build("1.0.0", versioned=True), Build("1.1.0", versioned=True)
_PATIENCE_S = 30.0


@pytest.fixture
async def temporal(home: House) -> AsyncIterator[Cluster]:
    async with cluster(home) as running:
        yield running


async def test_work_goes_to_the_current_build_and_moves_with_it(temporal: Cluster) -> None:
    home = temporal.home
    old, new = FakeTerraform(home.cloud), FakeTerraform(home.cloud)
    async with (
        temporal.worker(terraform=old, build=_OLD),
        temporal.worker(terraform=new, build=_NEW),
    ):
        await _becomes_current(temporal, _OLD)
        id = await home.submit(draft("storage"))
        await temporal.engine.nudge(id)
        await temporal.until(id, asked)
        assert (old.plans, new.plans) == (1, 0)

        await _becomes_current(temporal, _NEW)
        await sign(home, id)
        await temporal.engine.nudge(id)
        done = await temporal.until(id, is_final)
        other = await home.submit(draft("databricks"))
        await temporal.engine.nudge(other)
        await temporal.until(other, asked)
    assert standing(done) == "succeeded"
    assert (old.plans, new.plans) == (1, 1), "what had begun goes on with the new build"


async def test_a_build_that_is_not_current_is_given_nothing(temporal: Cluster) -> None:
    home = temporal.home
    async with temporal.worker(build=_NEW):
        await _becomes_current(temporal, _NEW)
    async with temporal.worker(build=_OLD):
        id = await home.submit(draft("storage"))
        await temporal.engine.nudge(id)
        await asyncio.sleep(1.0)
        assert standing(await home.get(id)) == "planning"
        async with temporal.worker(build=_NEW):
            await temporal.until(id, asked)


async def _becomes_current(temporal: Cluster, build: Build) -> None:
    """As docs/operations.md says; repeated until the cluster has heard of the build."""
    command = (
        *(str(find_binary()), "worker", "deployment", "set-current-version", "--yes"),
        *("--deployment-name", WORKERS, "--build-id", build.id, "--address", temporal.address),
    )
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            told = await asyncio.to_thread(subprocess.run, command, capture_output=True)
            if told.returncode == 0:
                return
            await asyncio.sleep(0.2)
