"""A workspace's queue has one holder and keeps its order, whoever joins, leaves or repeats."""

import asyncio

import pytest

from orchestration.ports import DeploymentId, StepId, Store, WorkspaceId
from orchestration.workspaces import Job, Turn, Version, Workspaces

HERE = WorkspaceId("acme/dev/storage/ml")


@pytest.fixture
def workspaces(store: Store) -> Workspaces:
    return Workspaces(store, "acme")


def job(name: str, deployment: str = "") -> Job:
    return Job(name, DeploymentId(deployment or f"d-{name}"), f"title of {name}")


def version(deployment: str, files: str = "files", step: str = "storage") -> Version:
    return Version(DeploymentId(deployment), StepId(step), files)


async def names(workspaces: Workspaces) -> list[str]:
    return [one.id for one in await workspaces.queue(HERE)]


async def test_first_come_first_served(workspaces: Workspaces) -> None:
    turns = [await workspaces.queue_up(HERE, job(name)) for name in "abc"]
    assert turns == [Turn(1), Turn(2, "title of a"), Turn(3, "title of a")]
    assert await workspaces.leave(HERE, "a") == ("d-b", "d-c")
    assert await workspaces.queue_up(HERE, job("c")) == Turn(2, "title of b")
    assert await workspaces.queue_up(HERE, job("b")) == Turn(1)


async def test_joining_and_leaving_again_change_nothing(workspaces: Workspaces) -> None:
    for _ in range(3):
        assert await workspaces.queue_up(HERE, job("a")) == Turn(1)
    assert await names(workspaces) == ["a"]
    for _ in range(3):
        assert await workspaces.leave(HERE, "a") == ()
    assert await names(workspaces) == []
    assert await workspaces.leave(HERE, "never there") == ()


async def test_a_deployment_that_ended_leaves_with_all_its_jobs(workspaces: Workspaces) -> None:
    for name, deployment in (("a", "d-1"), ("b", "d-2"), ("c", "d-1")):
        await workspaces.queue_up(HERE, job(name, deployment))
    await workspaces.leave_all(HERE, DeploymentId("d-1"), running=lambda _: False)
    assert await names(workspaces) == ["b"]


async def test_a_job_that_runs_yet_keeps_the_workspace(workspaces: Workspaces) -> None:
    for id in ("a", "b", "c"):
        await workspaces.queue_up(HERE, Job(id, DeploymentId("d-1"), id))
    await workspaces.leave_all(HERE, DeploymentId("d-1"), running=lambda job: job in "ac")
    assert await names(workspaces) == ["a"]


async def test_thirty_who_come_at_once_all_get_a_place_and_one_holds_it(
    workspaces: Workspaces,
) -> None:
    turns = await asyncio.gather(*(workspaces.queue_up(HERE, job(f"j{n}")) for n in range(30)))
    assert sum(turn.place == 1 for turn in turns) == 1
    assert len(set(await names(workspaces))) == 30


async def test_there_is_never_more_than_one_holder(workspaces: Workspaces) -> None:
    holding: list[str] = []
    most = 0

    async def one(name: str) -> None:
        nonlocal most
        while True:
            if (await workspaces.queue_up(HERE, job(name))).place == 1:
                break
            await asyncio.sleep(0)
        holding.append(name)
        most = max(most, len(holding))
        await asyncio.sleep(0)
        holding.remove(name)
        await workspaces.leave(HERE, name)

    await asyncio.gather(*(one(f"j{n}") for n in range(8)))
    assert most == 1
    assert await names(workspaces) == []


async def test_one_workspace_does_not_wait_for_another(workspaces: Workspaces) -> None:
    await workspaces.queue_up(HERE, job("a"))
    other = WorkspaceId("acme/dev/storage/web")
    assert await workspaces.queue_up(other, job("b")) == Turn(1)


async def test_versions_are_kept_newest_first_and_a_step_replaces_its_own(
    workspaces: Workspaces,
) -> None:
    for number in range(12):
        await workspaces.applied(HERE, version(f"d-{number}"))
    await workspaces.applied(HERE, version("d-11", "files of the second try"))
    kept = await workspaces.versions(HERE)
    assert len(kept) == 10
    assert [v.deployment for v in kept[:2]] == ["d-11", "d-10"]
    assert kept[0].files == "files of the second try"


@pytest.mark.parametrize("target, kept", [("d-2", ["d-2", "d-1"]), ("d-3", ["d-3", "d-2", "d-1"])])
async def test_a_roll_back_keeps_what_it_goes_back_to_and_all_before_it(
    workspaces: Workspaces, target: str, kept: list[str]
) -> None:
    for name in ("d-1", "d-2", "d-3"):
        await workspaces.applied(HERE, version(name, f"files of {name}"))
    for _ in range(2):
        await workspaces.rolled_back(HERE, version("d-4", f"files of {target}"))
    assert [v.deployment for v in await workspaces.versions(HERE)] == kept


async def test_nothing_is_left_of_what_was_destroyed(workspaces: Workspaces) -> None:
    await workspaces.applied(HERE, version("d-1"))
    await workspaces.destroyed(HERE)
    await workspaces.destroyed(HERE)
    assert await workspaces.versions(HERE) == ()
