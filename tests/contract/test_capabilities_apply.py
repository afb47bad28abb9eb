"""Each capability on real Terraform, against the simulated providers: up, steady, down."""

from pathlib import Path

import pytest

from approvals.change import ResourceChange
from capabilities.registry import catalogue
from capabilities.rendering import RenderContext, render
from orchestration.ports import WorkspaceId
from tests.requests import SUBSCRIPTION, parameters, rendered
from tests.sandbox import make_sandbox


@pytest.mark.parametrize("environment", ["dev", "production"])
@pytest.mark.parametrize("capability", catalogue().ids())
async def test_it_applies_re_plans_empty_and_goes_away(
    capability: str, environment: str, tmp_path: Path
) -> None:
    sandbox = make_sandbox(tmp_path)
    files = rendered(capability, environment=environment)
    workspace = WorkspaceId(f"acme/{environment}/{capability}/x")

    applied = await sandbox.apply(files, workspace=workspace)
    promised = {output.name for output in catalogue()[capability].outputs}
    assert promised <= applied.outputs.keys()
    assert (await sandbox.plan(files, workspace=workspace)).resources == ()

    await sandbox.destroy(files, workspace=workspace)
    assert await sandbox.cli.addresses(workspace) == frozenset()


async def test_storage_takes_the_identity_of_the_databricks_step(tmp_path: Path) -> None:
    sandbox, storage = make_sandbox(tmp_path), catalogue()["storage"]
    given = parameters("storage", databricks_access=True)
    outputs = (await sandbox.apply(rendered("databricks"))).outputs
    inputs = {need.variable: outputs[need.output].value for need in storage.inputs(given)}

    workspace = WorkspaceId("acme/production/storage/x")
    files = render(storage, given, RenderContext(workspace, "acme", SUBSCRIPTION), inputs)
    planned = await sandbox.plan(files, workspace=workspace)
    (grant,) = [r for r in planned.resources if r.type == "azurerm_role_assignment"]
    assert after(grant, "principal_id") == inputs["databricks_principal_id"]


async def test_text_that_looks_like_terraform_arrives_as_text(tmp_path: Path) -> None:
    text = '${file("/etc/passwd")} %{ if true }x%{ endif } "\n}'
    planned = await make_sandbox(tmp_path).plan(rendered("storage", tags={"note": text}))
    account = next(r for r in planned.resources if r.type == "azurerm_storage_account")
    assert after(account, "tags.note") == text


def after(change: ResourceChange, attribute: str) -> object:
    return next(each.after for each in change.attributes if each.path == attribute)
