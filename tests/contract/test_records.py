"""A deployment in any state comes back from the store as it went in."""

from dataclasses import replace

import pytest

from approvals.audit import Event, Intact
from approvals.gates import Moment, Verdict
from orchestration import records
from orchestration.deployment import Deployment, Step, plan_key
from orchestration.places import claimed
from orchestration.ports import Conflict, DeploymentId, Import, Replace, Stale, StepId, Store
from orchestration.records import Change
from tests.clock import FakeClock
from tests.doubles.flaky import FlakyStore
from tests.unit.approving import ANA, OMAR
from tests.unit.deploying import LATER, STATES, TURN, deployment, in_state, record, said, step

NOTED = Change([Event(LATER, ANA.id, "noted", "d-1", {})], [], claimed("us", LATER))


async def stored(store: Store, found: Deployment) -> Deployment:
    """A deployment that was created empty and changed into this one."""
    await records.create(store, replace(found, plans={}, decisions=()), NOTED, operation="new")
    before = await records.load(store, found.id)
    after = replace(found, log=before.deployment.log)
    await records.save(store, before, after, NOTED, at=LATER, operation="change")
    return (await records.load(store, found.id)).deployment


@pytest.mark.parametrize("state", STATES)
async def test_every_state_comes_back(store: Store, state: str) -> None:
    found = in_state(state)
    assert replace(await stored(store, found), log=()) == found


@pytest.mark.parametrize("state", STATES)
async def test_what_another_has_changed_is_seen(store: Store, state: str) -> None:
    found = in_state(state)
    await records.create(store, replace(found, plans={}, decisions=()), NOTED, operation="new")
    known = await records.load(store, found.id)
    assert await records.load_since(store, known) is known
    for number, after in enumerate((found, in_state("awaiting"), found)):
        before = await records.load(store, found.id)
        await records.save(store, before, after, NOTED, at=LATER, operation=f"{number}")
        assert await records.load_since(store, known) == await records.load(store, found.id)
        assert await records.load_since(store, before) == await records.load(store, found.id)


async def test_only_the_head_is_read_again_when_only_that_was_changed(store: Store) -> None:
    flaky = FlakyStore(store)
    await stored(store, in_state("awaiting"))
    known = await records.load(flaky, in_state("awaiting").id)
    after = replace(known.deployment, title="Another")
    await records.save(store, known, after, NOTED, at=LATER, operation="title")
    flaky.calls.clear()
    assert (await records.load_since(flaky, known)).deployment.title == "Another"
    assert flaky.calls == ["get"]


async def test_what_an_older_build_has_added_is_seen(store: Store) -> None:
    """It does not say since when the parts are as they are."""
    found = in_state("awaiting")
    await stored(store, found)
    await forget_parts(store, found.id)
    known = await records.load(store, found.id)
    await decided(store, found.id, "older")
    await forget_parts(store, found.id)
    await decided(store, found.id, "newer", title="Another")
    newest = await records.load_since(store, known)
    assert newest == await records.load(store, found.id)
    assert len(newest.deployment.decisions) == 1


async def decided(store: Store, id: DeploymentId, operation: str, title: str = "") -> None:
    before = await records.load(store, id)
    after = replace(before.deployment, title=title or before.deployment.title)
    if not title:
        after = replace(after, decisions=(said(OMAR),))
    await records.save(store, before, after, NOTED, at=LATER, operation=operation)


async def forget_parts(store: Store, id: DeploymentId) -> None:
    head = await store.get("deployments", id, "d:head")
    body = {key: value for key, value in head.body.items() if key != "parts"}
    await store.batch("deployments", id, [Replace("d:head", body, head.etag)], operation="older")


async def test_plans_decisions_and_dependencies_come_back(store: Store) -> None:
    plans = (record(1, record().gates[0], TURN), record(2, imports=(Import("a.b", "id"),)))
    found = deployment(step("a"), step("b", needs="a"), records=plans)
    decisions = (said(OMAR, on="a", moment=Moment.EXECUTION), said(OMAR, Verdict.REJECT, on="b"))
    found = replace(found, decisions=decisions, cancelled_by=ANA.id)
    assert replace(await stored(store, found), log=()) == found


async def test_a_long_history_is_read_page_by_page(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_AT_ONCE", 3)
    words = tuple(said(OMAR, number=n) for n in range(9))
    found = replace(in_state("awaiting"), decisions=words)
    assert (await stored(store, found)).decisions == words
    assert len((await records.audit(store, found.id))[0]) == 2


async def test_decisions_of_one_instant_keep_their_order(store: Store) -> None:
    verdicts = [Verdict.APPROVE, Verdict.WITHDRAW, Verdict.APPROVE, Verdict.WITHDRAW]
    words = tuple(said(OMAR, v, number=9 - n) for n, v in enumerate(verdicts))
    found = replace(in_state("awaiting"), decisions=words)
    assert (await stored(store, found)).decisions == words


async def test_a_step_that_was_dropped_is_gone_and_its_plans_stay(store: Store) -> None:
    found = deployment(step("a"), step("b"), records=(record(),))
    await stored(store, found)
    before = await records.load(store, found.id)
    after = replace(before.deployment, steps=before.deployment.steps[:1])
    await records.save(store, before, after, NOTED, at=LATER, operation="drop")
    loaded = (await records.load(store, found.id)).deployment
    assert [s.id for s in loaded.steps] == ["a"]
    assert plan_key(StepId("b"), 1) in loaded.plans


async def test_of_two_who_change_it_at_once_one_has_to_look_again(store: Store) -> None:
    await records.create(store, deployment(), NOTED, operation="new")
    one = await records.load(store, deployment().id)
    other = await records.load(store, deployment().id)
    changed: list[Deployment] = [
        before.deployment.with_step(renamed(before.deployment.steps[0], name))
        for before, name in ((one, "one"), (other, "other"))
    ]
    await records.save(store, one, changed[0], NOTED, at=LATER, operation="one")
    with pytest.raises(Stale):
        await records.save(store, other, changed[1], NOTED, at=LATER, operation="other")
    assert (await records.load(store, deployment().id)).deployment.steps[0].name == "one"
    entries, verdict = await records.audit(store, deployment().id)
    assert (len(entries), isinstance(verdict, Intact)) == (2, True)


def renamed(found: Step, name: str) -> Step:
    return replace(found, name=name)


async def test_it_is_created_once(store: Store, clock: FakeClock) -> None:
    await records.create(store, deployment(), NOTED, operation="new")
    with pytest.raises(Conflict):
        await records.create(store, deployment(), NOTED, operation="again")
