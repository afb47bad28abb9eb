"""The list of deployments: each is on it once, and only if it exists."""

from dataclasses import replace

from approvals.audit import Event
from approvals.principals import PrincipalId
from orchestration.ports import DeploymentId, Put
from tests.doubles.house import ORGANISATION, House, draft


async def test_a_repeated_submission_is_listed_once(home: House) -> None:
    id = await home.submit(draft("storage"), event="e-1")
    home.clock.advance(5)
    assert await home.submit(draft("storage"), event="e-1") == id
    assert await home.deployments().past(10) == (id,)


async def test_what_was_made_before_it_could_be_listed_is_listed_by_the_repeat(home: House) -> None:
    id = await home.submit(draft("storage"), event="e-1")
    found = await home.get(id)
    other = replace(found, id=DeploymentId("d-other"), log=())
    event = Event(found.at, PrincipalId("ana"), "submitted", other.id, {})
    deployments = home.deployments()
    assert await deployments.create(other, event)
    home.clock.advance(5)
    again = replace(other, at=home.clock.now())
    await deployments.create(again, event)
    assert sorted(await deployments.past(10)) == sorted([id, other.id])


async def test_a_listed_deployment_that_does_not_exist_is_passed_over(home: House) -> None:
    id = await home.submit(draft("storage"))
    missing = Put("past:0000000000000:gone", {"deployment": "gone", "thread": "t"})
    await home.store.batch("organisations", ORGANISATION, [missing], operation="o")
    assert [found.id for found in await home.deployments().newest(10)] == [id]
