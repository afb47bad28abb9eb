"""`cloud = "azure"` put together: the real Terraform, the identity of the process, its inventory.

Providers come from a mirror in which the simulated ones lie; Azure is the double on loopback.
"""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from approvals.change import Operation
from bot.clouds import azure_environment, azure_terraform, opened_cloud
from bot.doctor.cloud import cloud as doctor
from bot.settings import Settings
from orchestration.adapters.azure.identity import open_identity
from orchestration.adapters.azure.token_endpoint import token_endpoint
from orchestration.adapters.terraform.providers import alone_in
from orchestration.ports import Import, TerraformFailed, WorkspaceId
from orchestration.sandbox import mirror
from tests.contract import terraform_files as files
from tests.contract.inventory_world import GROUPS, TAG
from tests.contract.test_inventory import create
from tests.contract.test_state_azure import container, in_a_container
from tests.doubles.arm import SUBSCRIPTION, Fault
from tests.doubles.azure_cloud import CLIENT, DATABRICKS, IDENTITY_HEADER, AzureCloud, azure_cloud
from tests.sandbox import WORKSPACE


@pytest.fixture
async def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AzureCloud]:
    async with azure_cloud(tmp_path / "azure") as running, container(running) as client:
        await client.create_container()
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def real(settings: Settings, folder: Path) -> Settings:
    mirror.build(folder / "sandbox")
    return replace(
        settings,
        store=folder / "store",
        cloud="azure",
        subscription_id=SUBSCRIPTION,
        provider_mirror=folder / "sandbox" / "mirror",
    )


async def test_terraform_and_inventory_are_the_identity_of_the_process(
    there: AzureCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = real(in_a_container(there, monkeypatch), tmp_path)
    there.manager.put(f"{GROUPS}/rg-ml", tags={TAG: WORKSPACE})
    async with opened_cloud(settings) as cloud:
        planned = await cloud.terraform.plan(WORKSPACE, files.group(), operation=Operation.APPLY)
        wanted = create("azurerm_resource_group", name="rg-ml")
        found = await cloud.inventory.find(WORKSPACE, [wanted])
    assert found == (Import(wanted.address, f"{GROUPS}/rg-ml"),)
    assert [change.address for change in planned.resources] == [wanted.address]
    assert set(there.tokens) == {"container"}
    assert there.refused == []
    kept = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    secrets = [IDENTITY_HEADER, "eyJ", there.account_key, "http://127.0.0.1"]
    assert not [path for path in kept for one in secrets if one.encode() in path.read_bytes()]


async def test_providers_are_kept_once_and_installed_by_one_at_a_time(tmp_path: Path) -> None:
    settings = real(Settings(state_accounts="unused"), tmp_path)
    made = azure_terraform(replace(settings, cloud="sandbox", state_accounts=""), {}, "")
    names = [WorkspaceId(f"acme/dev/databricks/{index}") for index in range(4)]
    plans = [made.plan(name, files.group(), operation=Operation.APPLY) for name in names]
    for planned in await asyncio.gather(*plans):
        assert planned.lock.count("provider ") == 1
    work = tmp_path / "store" / "work"
    (kept,) = (work / ".providers").glob("registry.*/hashicorp/azurerm/*/*")
    linked = list(
        work.glob("acme/dev/databricks/*/data/providers/registry.*/hashicorp/azurerm/*/*")
    )
    assert [path.resolve() for path in linked] == [kept.resolve()] * 4


async def test_with_a_mirror_nothing_else_is_asked_for_providers(tmp_path: Path) -> None:
    settings = real(Settings(state_accounts="unused"), tmp_path)
    shutil.rmtree(tmp_path / "sandbox" / "mirror")
    (tmp_path / "sandbox" / "mirror").mkdir()
    made = azure_terraform(replace(settings, cloud="sandbox", state_accounts=""), {}, "")
    with pytest.raises(TerraformFailed, match="hashicorp/azurerm"):
        await made.plan(WORKSPACE, files.group(), operation=Operation.APPLY)


async def test_one_at_a_time_is_one_at_a_time(tmp_path: Path) -> None:
    inside, most = 0, 0

    async def enter() -> None:
        nonlocal inside, most
        async with alone_in(tmp_path):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(enter() for _ in range(3)))
    assert (inside, most) == (0, 1)


async def test_the_databricks_provider_finds_an_az_that_gives_it_tokens(
    there: AzureCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = real(in_a_container(there, monkeypatch), tmp_path)
    async with open_identity("managed_identity", CLIENT) as me, token_endpoint(me) as tokens:
        given = azure_environment(settings, {"ARM_USE_MSI": "true"}, tokens)
        assert (given["ARM_SUBSCRIPTION_ID"], given["ARM_USE_MSI"]) == (SUBSCRIPTION, "true")
        account = await az(given, "show", "--output", "json")
        asked = ["--resource", DATABRICKS, "--output", "json", "--subscription", SUBSCRIPTION]
        token = await az(given, "get-access-token", *asked)
        with pytest.raises(subprocess.CalledProcessError):
            await az(given, "list")
    assert json.loads(account)["user"]["type"] == "servicePrincipal"
    assert json.loads(token)["accessToken"].count(".") == 2
    assert len(json.loads(token)["expiresOn"]) == len("2026-01-01 00:00:00.000000")
    assert there.tokens == ["container"]


async def az(variables: Mapping[str, str], *arguments: str) -> bytes:
    """As a provider calls it: by its name."""
    program = shutil.which("az", path=variables["PATH"])
    assert program
    command = [program, "account", *arguments]
    return await asyncio.to_thread(
        subprocess.check_output, command, env=dict(variables), stderr=subprocess.DEVNULL
    )


async def test_doctor_reads_the_subscription_or_says_why_not(
    there: AzureCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = real(in_a_container(there, monkeypatch), tmp_path)
    assert (await doctor(settings)).ok
    assert "(Contoso) can be read as managed identity" in (await doctor(settings)).found

    there.manager.faults.append(Fault(403, "AuthorizationFailed"))
    refused = await doctor(settings)
    assert "gives no access (AuthorizationFailed)" in refused.found
    assert "SIGNOFF_SUBSCRIPTION_ID" in refused.to_do

    there.manager.state = "Disabled"
    assert "is Disabled" in (await doctor(settings)).found
    nowhere = replace(settings, provider_mirror=tmp_path / "nowhere")
    assert "there is no folder" in (await doctor(nowhere)).found
    assert (await doctor(Settings())).ok
