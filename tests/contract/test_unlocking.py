"""A lock is only removed when nobody can be running under it."""

from datetime import timedelta

import pytest

from orchestration.errors import UserError
from orchestration.jobs.unlocking import Unlocking
from orchestration.ports import DeploymentId, StateLock, Store, WorkspaceId
from orchestration.workspaces import Job, Workspaces
from tests.clock import FakeClock
from tests.doubles.terraform import FakeCloud, FakeTerraform

WORKSPACE = WorkspaceId("acme/dev/storage/x")
LONGEST_S = 7200.0


@pytest.fixture
def cloud(clock: FakeClock) -> FakeCloud:
    lock = StateLock("lock-1", "root@worker-7", "apply", clock.now())
    return FakeCloud(left_locks={WORKSPACE: lock})


@pytest.fixture
def workspaces(store: Store) -> Workspaces:
    return Workspaces(store, "acme")


@pytest.fixture
def unlocking(workspaces: Workspaces, cloud: FakeCloud, clock: FakeClock) -> Unlocking:
    terraform = FakeTerraform(cloud)
    return Unlocking(workspaces, terraform, clock, LONGEST_S, patience_s=0.05, pause_s=0.01)


async def test_a_young_lock_stays_until_somebody_says_that_its_machine_is_gone(
    unlocking: Unlocking, cloud: FakeCloud
) -> None:
    for said in ("", "worker-8"):
        with pytest.raises(UserError, match=r"root@worker-7 since .* --gone worker-7"):
            await unlocking.unlock(WORKSPACE, gone=said, by="omar")
    assert cloud.left_locks
    removed = await unlocking.unlock(WORKSPACE, gone="worker-7", by="omar")
    assert removed is not None
    assert cloud.left_locks == {}


async def test_one_older_than_the_longest_run_needs_nobody_to_vouch(
    unlocking: Unlocking, cloud: FakeCloud, clock: FakeClock
) -> None:
    clock.advance(LONGEST_S - 1)
    with pytest.raises(UserError, match="may still be"):
        await unlocking.unlock(WORKSPACE, gone="", by="omar")
    clock.advance(1)
    assert await unlocking.unlock(WORKSPACE, gone="", by="omar")
    assert await unlocking.unlock(WORKSPACE, gone="", by="omar") is None


async def test_one_that_does_not_say_since_when_needs_somebody_to_vouch(
    unlocking: Unlocking, cloud: FakeCloud
) -> None:
    cloud.left_locks[WORKSPACE] = StateLock("lock-2")
    with pytest.raises(UserError, match="locked by somebody"):
        await unlocking.unlock(WORKSPACE, gone="", by="omar")


async def test_a_job_that_holds_the_workspace_is_not_disturbed(
    unlocking: Unlocking, workspaces: Workspaces, cloud: FakeCloud, clock: FakeClock
) -> None:
    clock.advance(timedelta(days=1).total_seconds())
    await workspaces.queue_up(WORKSPACE, Job("j-1", DeploymentId("d-1"), "x of d-1"))
    with pytest.raises(UserError, match="held by x of d-1"):
        await unlocking.unlock(WORKSPACE, gone="worker-7", by="omar")
    assert cloud.left_locks
    assert [job.id for job in await workspaces.queue(WORKSPACE)] == ["j-1"]
    await workspaces.leave(WORKSPACE, "j-1")
    assert await unlocking.unlock(WORKSPACE, gone="worker-7", by="omar")
    assert await workspaces.queue(WORKSPACE) == ()
