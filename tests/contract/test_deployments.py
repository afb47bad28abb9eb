"""The lists of deployments: each is on them once, and only if it exists."""

import pytest

from orchestration.index import month_of
from orchestration.listing import Summary
from orchestration.ports import NotFound, Put
from tests.contract.executing import signed_off
from tests.doubles.house import ORGANISATION, House, draft


async def _no_summary(id: str) -> Summary:
    raise AssertionError(f"{id} has been noted")


async def test_a_repeated_submission_is_listed_once(home: House) -> None:
    id = await home.submit(draft("storage"), event="e-1")
    home.clock.advance(5)
    assert await home.submit(draft("storage"), event="e-1") == id
    assert await home.deployments().index.newest(10) == (id,)


async def test_what_was_not_listed_is_listed_when_the_engine_looks(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployments = home.deployments()

    async def crash(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(deployments.index, "list", crash)
        await home.submit(draft("storage"), event="e-1")
    assert await deployments.index.newest(10) == ()
    (id,) = await deployments.open()
    await home.worker().run(id)
    assert await deployments.index.newest(10) == (id,)


async def test_a_listed_deployment_that_does_not_exist_is_passed_over(home: House) -> None:
    id = await home.submit(draft("storage"))
    missing = Put("past:0000000000000:gone", {"deployment": "gone"})
    month = f"{ORGANISATION}/{month_of(home.clock.now())}"
    await home.store.batch("index", month, [missing], operation="o")
    assert [found.id for found in await home.deployments().newest(10)] == [id]
    with pytest.raises(NotFound):
        await home.deployments().get(missing.body["deployment"])


async def test_it_is_open_until_it_has_ended(home: House) -> None:
    worker, index = home.worker(), home.deployments().index
    deployment = await signed_off(home, worker, "storage")
    assert await home.deployments().open() == (deployment.id,)
    assert [one.state for one in await index.summaries(9, _no_summary)] == ["awaiting"]
    await worker.run(deployment.id)
    assert await home.deployments().open() == ()
    assert [one.state for one in await index.summaries(9, _no_summary)] == ["succeeded"]
    home.clock.advance(60)
    later = await home.submit(draft("databricks"))
    await worker.run(later)
    assert [one.id for one in await index.summaries(1, _no_summary)] == [later]


async def test_what_waits_long_is_on_the_list_beside_the_newest(home: House) -> None:
    worker, index = home.worker(), home.deployments().index
    old = await home.submit(draft("storage", environment="production"))
    await worker.run(old)
    home.clock.advance(60)
    new = await home.submit(draft("databricks"))
    await worker.run(new)
    assert [one.id for one in await index.summaries(1, _no_summary)] == [new, old]
