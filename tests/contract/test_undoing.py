"""What there is can be taken away by who may, whatever became of the request since."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import pytest

from approvals.change import Operation
from approvals.principals import Role
from capabilities.registry import catalogue
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.announcing import notice_text
from orchestration.cards.buttons import deployment_buttons
from orchestration.cards.deployment import deployment_card
from orchestration.cards.facing import Facing
from orchestration.cards.model import Text
from orchestration.deployment import Deployment, Kind
from orchestration.desk import ThreadDesk
from orchestration.errors import UserError
from orchestration.messages import EventId
from orchestration.ports import (
    DeploymentId,
    Import,
    OnLine,
    Planned,
    TerraformFailed,
    WorkspaceId,
)
from orchestration.standing import standing
from tests.contract.executing import (
    STORAGE,
    done,
    signed_off,
    start_and_die,
    state_of,
    undo,
)
from tests.doubles.engine import DirectEngine
from tests.doubles.house import House, draft
from tests.doubles.signing import sign
from tests.doubles.terraform import FakeCloud, FakeTerraform


async def half_made(home: House, worker: DirectEngine) -> Deployment:
    """Terraform failed at the second resource."""
    deployment = await signed_off(home, worker, "storage")
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    terraform.during, quiet = fails_after_one(home), terraform.during
    failed = await worker.run(deployment.id)
    terraform.during = quiet
    assert standing(failed) == "failed"
    assert home.cloud.state(failed.steps[0].workspace).contents
    return failed


def fails_after_one(home: House) -> Callable[[str, str], Awaitable[None]]:
    async def fail(workspace: str, address: str) -> None:
        if home.cloud.state(workspace).contents:
            raise TerraformFailed("apply", "the quota is used up", address=address)

    return fail


async def test_what_is_half_made_can_be_rolled_back_after_a_retry_and_a_cancel(
    home: House,
) -> None:
    worker = home.worker()
    deployment = await half_made(home, worker)
    ana = await home.person("ana")
    await home.provisioning.retry(deployment.id, ana)
    await home.provisioning.cancel(deployment.id, ana)
    cancelled = await home.get(deployment.id)
    assert state_of(cancelled).kind == "cancelled"  # type: ignore[attr-defined]
    facing = Facing(await home.people.with_roles(frozenset(Role)), {}, catalogue())
    assert "roll_back" in {button.verb for button in deployment_buttons(cancelled, facing)}
    desk = ThreadDesk(home.deployments(), catalogue(), SnapshotPrices.load(), home.people, None)
    assert len(await desk.occupied()) == 1
    await undo(home, worker, deployment.id, Kind.ROLL_BACK)
    assert home.cloud.state(cancelled.steps[0].workspace).contents == {}


async def desk_of(home: House, id: DeploymentId) -> ThreadDesk:
    present, prices = await home.get(id), SnapshotPrices.load()
    return ThreadDesk(home.deployments(), catalogue(), prices, home.people, present)


async def destroyed_by_tearing_down(home: House, id: DeploymentId) -> str:
    said = await (await desk_of(home, id)).destroys()
    return said.partition("Tearing it down would destroy ")[2]


async def test_how_it_stands_says_where_the_card_is(home: House) -> None:
    made = await done(home, home.worker(), draft("storage"))
    said = await (await desk_of(home, made.id)).status()
    assert made.id in said and said.endswith("Its card further up is up to date.")


async def test_tearing_down_counts_what_every_plan_has_made(home: House) -> None:
    worker = home.worker()
    id = (await half_made(home, worker)).id
    whole = len((await home.get(id)).plans["storage-001"].change.resources)
    name = (await home.get(id)).steps[0].name
    said = await destroyed_by_tearing_down(home, id)
    assert said == f"{name} (at most {whole} resources)."
    await home.provisioning.retry(id, await home.person("ana"))
    retried = await worker.run(id)
    assert standing(retried) == "succeeded"
    assert len(retried.plans["storage-002"].change.resources) < whole
    assert await destroyed_by_tearing_down(home, id) == f"{name} ({whole} resources)."


async def test_tearing_down_counts_what_was_adopted(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    whole = len(deployment.plans["storage-001"].change.resources)
    await start_and_die(home, deployment)
    after = await home.worker().run(deployment.id)
    assert standing(after) == "succeeded"
    assert f"({whole} resources)" in await destroyed_by_tearing_down(home, deployment.id)


async def test_tearing_down_takes_what_was_there_before_a_change(home: House) -> None:
    worker = home.worker()
    await done(home, worker, draft("storage"))
    changed = await done(home, worker, draft("storage", replication="GRS"))
    assert "and what was there before)" in await destroyed_by_tearing_down(home, changed.id)


async def test_after_a_tear_down_nothing_is_left(home: House) -> None:
    worker = home.worker()
    made = await done(home, worker, draft("storage"))
    gone = await undo(home, worker, made.id, Kind.DESTROY)
    assert await destroyed_by_tearing_down(home, gone.id) == ""


async def cut_off(home: House) -> Deployment:
    """A worker died when it had made the first resource, and then it was cancelled."""
    worker = home.worker()
    deployment = await signed_off(home, worker, "storage")
    await start_and_die(home, deployment)
    await home.provisioning.cancel(deployment.id, await home.person("ana"))
    assert standing(await worker.run(deployment.id)) == "cancelled"
    return deployment


async def test_what_the_state_does_not_know_is_torn_down_as_well(home: House) -> None:
    deployment = await cut_off(home)
    (left,) = home.cloud.exists.copy()
    gone = await undo(home, home.worker(), deployment.id, Kind.DESTROY)
    plan = gone.plans["storage-001"]
    assert [change.address for change in plan.change.resources] == [left[1]]
    assert standing(gone) == "destroyed"
    assert not home.cloud.exists


class HalfBlind(FakeTerraform):
    """Fails at one of the two calls with which what was left behind is taken up."""

    def __init__(self, cloud: FakeCloud, *, fails: str) -> None:
        super().__init__(cloud)
        self.fails = fails

    async def plan(
        self,
        workspace: WorkspaceId,
        files: Mapping[str, str],
        *,
        operation: Operation,
        imports: Sequence[Import] = (),
        on_line: OnLine | None = None,
    ) -> Planned:
        if self.fails == "look" and operation is Operation.APPLY:
            raise TerraformFailed("plan", "the module has gone.")
        found = () if self.fails == "import" else imports
        return await super().plan(workspace, files, operation=operation, imports=found)


SAYS = {
    "look": "could not be looked up whether more of {name} was left behind than this destroys;"
    " the log says why. Look in the cloud yourself, or press Cancel and then Retry",
    "import": "does not destroy {address}, which was left behind of {name} and could not be"
    " imported. Remove it yourself, or press Cancel and then Retry",
}


@pytest.mark.parametrize("fails", SAYS)
async def test_who_signs_a_tear_down_is_told_what_it_may_leave_behind(
    fails: str, home: House
) -> None:
    ana, deployment = await home.person("ana"), await cut_off(home)
    ((_, address),) = home.cloud.exists
    id = await home.provisioning.undo(deployment.id, ana, EventId("undo"), Kind.DESTROY)
    blind = HalfBlind(home.cloud, fails=fails)
    worker = home.worker(terraform=blind)
    waiting = await worker.run(id)
    assert standing(waiting) == "awaiting"
    facing = Facing(await home.people.with_roles(frozenset(Role)), {}, catalogue())
    warned = [b.text for b in deployment_card(waiting, facing).blocks if isinstance(b, Text)]
    said = SAYS[fails].format(name=waiting.steps[0].name, address=address)
    assert [said in text for text in warned] == [True]
    blind.fails = ""
    await home.provisioning.cancel(id, ana)
    await home.provisioning.retry(id, ana)
    again = await worker.run(id)
    assert not again.plans["storage-002"].change.may_leave_something
    await sign(home, id)
    assert standing(await worker.run(id)) == "destroyed"
    assert not home.cloud.exists
    events = [entry.event for entry in await home.audit(id)]
    assert [e.detail["adopted"] for e in events if e.action == "planned"] == ["", address]


async def test_what_may_be_left_behind_is_looked_up_by_every_later_plan(home: House) -> None:
    ana, deployment = await home.person("ana"), await cut_off(home)
    id = await home.provisioning.undo(deployment.id, ana, EventId("undo"), Kind.DESTROY)
    await home.worker(terraform=HalfBlind(home.cloud, fails="look")).run(id)
    await sign(home, id)
    home.clock.advance(3601)
    waiting = await home.worker().run(id)
    assert [len(plan.change.resources) for plan in waiting.plans_of(STORAGE)] == [0, 1]
    assert standing(waiting) == "awaiting"


async def test_a_tear_down_that_may_have_left_something_ends_with_a_warning(home: House) -> None:
    """Its sign-off holds for a later plan that could not look either."""
    ana, deployment = await home.person("ana"), await cut_off(home)
    id = await home.provisioning.undo(deployment.id, ana, EventId("undo"), Kind.DESTROY)
    worker = home.worker(terraform=HalfBlind(home.cloud, fails="look"))
    await worker.run(id)
    await sign(home, id)
    home.clock.advance(3601)
    ended = await worker.run(id)
    assert (standing(ended), len(ended.plans_of(STORAGE))) == ("destroyed", 2)
    card = deployment_card(ended, Facing({}, {}, catalogue()))
    assert (card.tone, "look in the cloud" in card.lead) == ("warning", True)
    assert "look in the cloud" in notice_text(ended, {})


async def test_what_a_change_that_was_cut_off_wanted_is_looked_up(home: House) -> None:
    """Not what was applied before it: that did not have all of it."""
    worker = home.worker()
    before = await done(home, worker, draft("storage", containers=["data"]))
    changed = await signed_off(home, worker, "storage", containers=["data", "raw"])
    await start_and_die(home, changed)
    await home.provisioning.cancel(changed.id, await home.person("ana"))
    assert standing(await worker.run(changed.id)) == "cancelled"
    gone = await undo(home, worker, changed.id, Kind.DESTROY)
    assert (standing(gone), gone.steps[0].target) == ("destroyed", "")
    assert before.steps[0].values != gone.steps[0].values
    assert not home.cloud.exists


async def test_what_is_half_made_is_not_forgotten_by_a_changed_request(home: House) -> None:
    worker = home.worker()
    id = (await half_made(home, worker)).id
    await home.provisioning.retry(id, await home.person("ana"))
    with pytest.raises(UserError, match="may be there in part"):
        await home.submit(draft("azure_openai"), present=id)
    await home.submit(draft("storage", replication="GRS"), present=id)
    assert (await home.get(id)).step(STORAGE).started


async def test_a_tear_down_that_waits_is_not_turned_into_a_request(home: House) -> None:
    worker = home.worker()
    made = await done(home, worker, draft("storage"))
    undoing = await home.provisioning.undo(
        made.id, await home.person("ana"), EventId("undo"), Kind.DESTROY
    )
    before = await home.get(undoing)
    with pytest.raises(UserError, match="cancel it before you submit"):
        await home.submit(draft("storage", replication="GRS"), present=undoing)
    assert await home.get(undoing) == before


async def test_what_is_undone_already_is_not_undone_twice(home: House) -> None:
    made = await done(home, home.worker(), draft("storage"))
    ana, first = await home.person("ana"), EventId("undo-1")
    undoing = await home.provisioning.undo(made.id, ana, first, Kind.ROLL_BACK)
    for kind in (Kind.ROLL_BACK, Kind.DESTROY):
        with pytest.raises(UserError, match=f"{undoing}.* is under way already"):
            await home.provisioning.undo(made.id, ana, EventId("undo-2"), kind, (), undoing)
    assert await home.provisioning.undo(made.id, ana, first, Kind.ROLL_BACK, (), undoing) == undoing
    await home.provisioning.cancel(undoing, ana)
    assert (
        await home.provisioning.undo(made.id, ana, EventId("undo-3"), Kind.DESTROY, (), undoing)
        != undoing
    )


async def test_only_who_may_steer_can_undo(home: House) -> None:
    made = await done(home, home.worker(), draft("storage"))
    sam = await home.person("sam")
    with pytest.raises(UserError, match="only ana, a lead or platform can roll back this"):
        await home.provisioning.undo(made.id, sam, EventId("undo-1"), Kind.ROLL_BACK)
    with pytest.raises(UserError, match="can destroy this"):
        await home.provisioning.undo(made.id, sam, EventId("undo-2"), Kind.DESTROY)
    await home.provisioning.undo(
        made.id, await home.person("lena"), EventId("undo-3"), Kind.DESTROY
    )


async def test_a_step_that_never_got_its_inputs_can_be_destroyed(home: House) -> None:
    worker = home.worker()
    deployment = await signed_off(home, worker, "databricks", "storage", databricks_access=True)
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    terraform.refuses[deployment.step(STORAGE).workspace] = "the quota is used up"
    assert standing(await worker.run(deployment.id)) == "partly"
    terraform.refuses.clear()
    assert standing(await undo(home, worker, deployment.id, Kind.DESTROY)) == "destroyed"
    assert home.cloud.exists == {}


async def test_rolling_back_what_failed_keeps_every_version_before_it(home: House) -> None:
    worker = home.worker()
    first = await done(home, worker, draft("storage"))
    workspace = first.steps[0].workspace
    second = await done(home, worker, draft("storage", replication="GRS"))
    before = dict(home.cloud.state(workspace).contents)
    home.clock.advance(60)
    third = await signed_off(home, worker, "storage", replication="ZRS")
    terraform = worker.shop.terraform
    assert isinstance(terraform, FakeTerraform)
    terraform.refuses[workspace] = "the quota is used up"
    assert standing(await worker.run(third.id)) == "failed"
    terraform.refuses.clear()
    await undo(home, worker, third.id, Kind.ROLL_BACK)
    assert home.cloud.state(workspace).contents == before
    kept = [v.deployment for v in await home.workspaces().versions(workspace)]
    assert kept == [second.id, first.id]


async def test_what_was_changed_since_is_not_rolled_back(home: House) -> None:
    worker = home.worker()
    first = await done(home, worker, draft("storage"))
    second = await done(home, worker, draft("storage", replication="GRS"))
    with pytest.raises(UserError, match=second.id):
        await undo(home, worker, first.id, Kind.ROLL_BACK)


async def test_plans_and_logs_expire_and_the_files_of_a_version_stay(home: House) -> None:
    made = await done(home, home.worker(), draft("storage"))
    home.clock.advance(31 * 24 * 3600)
    await home.artifacts.sweep()
    stored = [p for p in (home.folder / "artifacts" / "files").rglob("*") if p.is_file()]
    assert [path.relative_to(home.folder / "artifacts" / "files").parts[:2] for path in stored] == [
        ("files", made.id)
    ]
