"""What `ports.Terraform` promises, proved on real Terraform and the sandbox."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from approvals.change import Action, Operation
from orchestration.errors import PermanentError, WorkspaceLocked
from orchestration.ports import (
    ApplyProgress,
    Import,
    StateVersion,
    TerraformCancelled,
    TerraformFailed,
    WorkspaceId,
)
from orchestration.redaction import HIDDEN
from orchestration.sandbox import view
from orchestration.sandbox.cloud import Cloud
from orchestration.sandbox.faults import Fault
from tests.contract import terraform_files as files
from tests.sandbox import WORKSPACE, SandboxTerraform, make_sandbox

OTHER = WorkspaceId("acme/dev/databricks/other")


@pytest.fixture
def sandbox(tmp_path: Path) -> SandboxTerraform:
    return make_sandbox(tmp_path)


async def test_what_is_applied_is_there_once_and_a_second_plan_is_empty(
    sandbox: SandboxTerraform,
) -> None:
    planned = await sandbox.plan(files.storage())
    assert planned.state == StateVersion("", 0)
    assert {change.action for change in planned.resources} == {Action.CREATE}
    assert [change.address for change in planned.resources] == [
        "azurerm_resource_group.this",
        "azurerm_storage_account.this",
        'azurerm_storage_container.this["curated"]',
        'azurerm_storage_container.this["raw"]',
    ]

    seen: list[ApplyProgress] = []

    async def on_progress(now: ApplyProgress) -> None:
        seen.append(now)

    applied = await sandbox.cli.apply(
        WORKSPACE, files.storage(), planned.file, lock=planned.lock, on_progress=on_progress
    )

    assert seen[-1] == ApplyProgress(4, 4)
    assert await sandbox.cli.state(WORKSPACE) == applied.state
    assert await sandbox.cli.addresses(WORKSPACE) == {c.address for c in planned.resources}
    assert len(view.look(sandbox.root)) == 4
    again = await sandbox.plan(files.storage())
    assert again.resources == ()
    assert again.state == applied.state


async def test_destroying_leaves_nothing_behind(sandbox: SandboxTerraform) -> None:
    await sandbox.apply(files.databricks())
    await sandbox.destroy(files.databricks())
    assert view.look(sandbox.root) == []
    assert await sandbox.cli.addresses(WORKSPACE) == frozenset()


async def test_sensitive_values_never_leave(sandbox: SandboxTerraform) -> None:
    lines: list[str] = []
    planned = await sandbox.plan(files.storage())
    applied = await sandbox.cli.apply(
        WORKSPACE, files.storage(), planned, lock=planned.lock, on_line=lines.append
    )
    account = next(o for o in view.look(sandbox.root) if o.type == "azurerm_storage_account")
    secret = account.attributes["primary_access_key"]
    assert applied.outputs["key"].value == HIDDEN
    assert applied.outputs["account_id"].value == account.id

    destroying = await sandbox.plan(files.storage(), operation=Operation.DESTROY)
    told = f"{lines}{applied}{destroying.facts}{destroying.resources}"
    assert "Creation complete" in told
    assert secret not in told


async def test_a_refusal_names_the_resource_and_says_why(sandbox: SandboxTerraform) -> None:
    view.add_fault(sandbox.root, Fault("quota", type="azurerm_storage_account"))
    with pytest.raises(TerraformFailed) as failed:
        await sandbox.apply(files.storage())
    assert failed.value.address == "azurerm_storage_account.this"
    assert failed.value.outcome_known
    assert str(failed.value).startswith("QuotaExceeded: Operation could not be completed")

    assert await sandbox.cli.addresses(WORKSPACE) == {"azurerm_resource_group.this"}
    await sandbox.apply(files.storage())
    assert len(view.look(sandbox.root)) == 4


async def test_throttling_is_waited_out(sandbox: SandboxTerraform) -> None:
    view.add_fault(sandbox.root, Fault("throttle", type="azurerm_resource_group", times=3))
    await sandbox.apply(files.group())
    refused = [entry for entry in view.activity(sandbox.root) if "error" in entry]
    assert len(refused) == 3


async def test_what_timed_out_after_its_creation_is_found_and_adopted(
    sandbox: SandboxTerraform,
) -> None:
    view.add_fault(sandbox.root, Fault("timeout", type="azurerm_storage_account"))
    with pytest.raises(TerraformFailed):
        await sandbox.apply(files.storage())
    with pytest.raises(TerraformFailed, match="already exists"):
        await sandbox.apply(files.storage())

    await _adopt(sandbox, files.storage())
    assert len(view.look(sandbox.root)) == 4
    assert (await sandbox.plan(files.storage())).resources == ()


async def _adopt(sandbox: SandboxTerraform, rendered: dict[str, str]) -> tuple[str, ...]:
    """Recovery as the provisioning does it; the addresses that were adopted."""
    creates = (await sandbox.plan(rendered)).resources
    imports = await sandbox.inventory.find(WORKSPACE, creates)
    planned = await sandbox.plan(rendered, imports=imports)
    await sandbox.cli.apply(WORKSPACE, rendered, planned, lock=planned.lock)
    return planned.adopts


async def test_a_plan_made_on_an_older_state_is_refused(sandbox: SandboxTerraform) -> None:
    stale = await sandbox.plan(files.storage())
    await sandbox.apply(files.group())
    with pytest.raises(TerraformFailed, match="Saved plan is stale"):
        await sandbox.cli.apply(WORKSPACE, files.storage(), stale, lock=stale.lock)


async def test_other_providers_than_those_planned_with_are_refused(
    sandbox: SandboxTerraform,
) -> None:
    planned = await sandbox.plan(files.group())
    lock = planned.lock.replace("h1:", "h1:0")
    with pytest.raises(TerraformFailed):
        await sandbox.cli.apply(WORKSPACE, files.group(), planned, lock=lock)


async def test_a_change_in_place_and_one_that_makes_anew(sandbox: SandboxTerraform) -> None:
    await sandbox.apply(files.databricks())
    main = files.databricks()["databricks.tf"]
    larger = files.databricks() | {
        "databricks.tf": main.replace("max_workers = 4", "max_workers = 8")
    }
    (change,) = (await sandbox.plan(larger)).resources
    assert (change.address, change.action) == ("databricks_cluster.this", Action.UPDATE)
    assert [(a.path, a.before, a.after) for a in change.attributes] == [
        ("autoscale.max_workers", 4, 8)
    ]

    renamed = files.databricks() | {"databricks.tf": main.replace("dbw-ml-dev", "dbw-ml-two")}
    replaced = {c.address: c for c in (await sandbox.plan(renamed)).resources}
    workspace = replaced["azurerm_databricks_workspace.this"]
    assert workspace.action is Action.REPLACE
    assert [(a.path, a.after) for a in workspace.attributes] == [("name", "dbw-ml-two")]


async def test_drift_shows_in_the_next_plan(sandbox: SandboxTerraform) -> None:
    await sandbox.apply(files.group())
    (group,) = view.look(sandbox.root)
    view.drift(sandbox.root, group.id, "tags.owner", "mallory")
    (change,) = (await sandbox.plan(files.group())).resources
    assert [(a.path, a.before, a.after) for a in change.attributes] == [
        ("tags.owner", "mallory", "ana")
    ]


async def test_cancelling_stops_gracefully_and_the_state_knows(tmp_path: Path) -> None:
    sandbox = make_sandbox(tmp_path, speed=20)
    planned = await sandbox.plan(files.group())
    begun = asyncio.Event()

    async def on_progress(now: ApplyProgress) -> None:
        begun.set()

    task = asyncio.create_task(
        sandbox.cli.apply(
            WORKSPACE, files.group(), planned, lock=planned.lock, on_progress=on_progress
        )
    )
    await asyncio.wait_for(begun.wait(), 30)
    await _exists(sandbox, 1)
    task.cancel()
    with pytest.raises(TerraformCancelled):
        await task
    assert await sandbox.cli.addresses(WORKSPACE) == {"azurerm_resource_group.this"}
    assert not list((tmp_path / "work" / WORKSPACE).glob("run-*"))


async def _exists(sandbox: SandboxTerraform, count: int) -> None:
    async with asyncio.timeout(30):
        while len(view.look(sandbox.root)) < count:  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.02)


async def test_two_runs_of_one_workspace_exclude_each_other(tmp_path: Path) -> None:
    sandbox = make_sandbox(tmp_path, speed=20)
    planned = await sandbox.plan(files.group())
    first = asyncio.create_task(
        sandbox.cli.apply(WORKSPACE, files.group(), planned, lock=planned.lock)
    )
    await _exists(sandbox, 1)
    with pytest.raises(WorkspaceLocked):
        await sandbox.plan(files.group())
    first.cancel()
    with pytest.raises(TerraformCancelled):
        await first
    assert (await sandbox.plan(files.group())).resources[0].action is Action.REPLACE


async def test_two_workspaces_do_not_disturb_each_other(sandbox: SandboxTerraform) -> None:
    main = files.group()["main.tf"].replace("rg-ml", "rg-other").replace("databricks/ml", "other")
    other = files.group() | {"main.tf": main}
    await asyncio.gather(sandbox.apply(files.group()), sandbox.apply(other, workspace=OTHER))
    assert {o.name for o in view.look(sandbox.root)} == {"rg-ml", "rg-other"}
    assert await sandbox.cli.state(WORKSPACE) != await sandbox.cli.state(OTHER)


async def test_taking_too_long_is_a_failure_that_says_so(tmp_path: Path) -> None:
    sandbox = make_sandbox(tmp_path, speed=100, apply_timeout_s=2)
    with pytest.raises(TerraformFailed, match="took longer than 2 s"):
        await sandbox.apply(files.group())


async def test_an_invalid_name_is_refused_while_planning(sandbox: SandboxTerraform) -> None:
    main = files.storage()["main.tf"].replace("stmldev001", "st-ML")
    with pytest.raises(TerraformFailed, match="lowercase letters and numbers") as failed:
        await sandbox.plan(files.storage() | {"main.tf": main})
    assert failed.value.address == "azurerm_storage_account.this"


async def test_a_workspace_or_file_cannot_lead_out_of_its_folder(
    sandbox: SandboxTerraform,
) -> None:
    with pytest.raises(PermanentError):
        await sandbox.plan(files.group(), workspace=WorkspaceId("acme/../../etc"))
    with pytest.raises(PermanentError):
        await sandbox.plan({"../main.tf": ""})


async def test_the_inventory_leaves_alone_what_belongs_to_others(
    sandbox: SandboxTerraform,
) -> None:
    creates = (await sandbox.plan(files.storage())).resources
    await sandbox.apply(files.storage())
    found = await sandbox.inventory.find(WORKSPACE, creates)
    assert {one.address for one in found} == {change.address for change in creates}
    assert await sandbox.inventory.find(OTHER, creates) == ()


async def test_of_two_clusters_with_one_name_the_older_is_ours(
    sandbox: SandboxTerraform,
) -> None:
    planned = await sandbox.plan(files.databricks())
    await sandbox.apply(files.databricks())
    (cluster,) = (o for o in view.look(sandbox.root) if o.type == "databricks_cluster")

    Cloud(sandbox.root).create(replace(cluster, id="0101-000000-second"))
    found = {i.address: i.id for i in await sandbox.inventory.find(WORKSPACE, planned.resources)}
    assert found["databricks_cluster.this"] == cluster.id


async def test_all_that_templates_use_is_adopted_when_the_state_is_lost(
    sandbox: SandboxTerraform, tmp_path: Path
) -> None:
    first = await sandbox.plan(files.everything())
    await sandbox.cli.apply(WORKSPACE, files.everything(), first, lock=first.lock)
    count = len(view.look(sandbox.root))
    (tmp_path / "state" / WORKSPACE / "terraform.tfstate").unlink()

    assert set(await _adopt(sandbox, files.everything())) == {c.address for c in first.resources}
    assert (await sandbox.plan(files.everything())).resources == ()
    assert len(view.look(sandbox.root)) == count == len(first.resources)
    await sandbox.destroy(files.everything())
    assert view.look(sandbox.root) == []


async def test_what_timed_out_after_its_creation_is_found_and_destroyed(
    sandbox: SandboxTerraform,
) -> None:
    view.add_fault(sandbox.root, Fault("timeout", type="azurerm_storage_account"))
    with pytest.raises(TerraformFailed):
        await sandbox.apply(files.storage())
    creates = (await sandbox.plan(files.storage())).resources
    imports = await sandbox.inventory.find(WORKSPACE, creates)
    assert imports
    planned = await sandbox.plan(files.storage(), operation=Operation.DESTROY, imports=imports)
    assert {one.address for one in imports} <= {change.address for change in planned.resources}
    await sandbox.cli.apply(WORKSPACE, files.storage(), planned, lock=planned.lock)
    assert not view.look(sandbox.root)


async def test_what_cannot_be_imported_is_not_among_what_is_destroyed(
    sandbox: SandboxTerraform,
) -> None:
    gone = Import("azurerm_resource_group.this", "/subscriptions/none/resourceGroups/gone")
    planned = await sandbox.plan(files.storage(), operation=Operation.DESTROY, imports=[gone])
    assert planned.resources == ()
