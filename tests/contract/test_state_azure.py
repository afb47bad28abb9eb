"""Terraform's own `azurerm` backend on Azurite, with each identity; nothing of them is kept."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from azure.storage.blob.aio import ContainerClient

from approvals.change import Action
from bot.settings import Settings
from bot.terraform_state import azure_login, backend
from bot.unlocking import unlock
from orchestration.errors import PermanentError, UserError, WorkspaceLocked
from orchestration.ports import StateLock, TerraformFailed, WorkspaceId
from tests.contract import terraform_files as files
from tests.doubles.azure_cloud import (
    ACCOUNT,
    CLIENT,
    FEDERATED,
    IDENTITY_HEADER,
    TENANT,
    AzureCloud,
    azure_cloud,
)
from tests.sandbox import WORKSPACE, SandboxTerraform, make_sandbox

CONTAINER = "tfstate"


@pytest.fixture
async def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AzureCloud]:
    async with azure_cloud(tmp_path / "azure") as running, container(running) as client:
        await client.create_container()
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def container(cloud: AzureCloud) -> ContainerClient:
    return ContainerClient(
        f"https://127.0.0.1:{cloud.blob_port}/{ACCOUNT}",
        CONTAINER,
        credential={"account_name": ACCOUNT, "account_key": cloud.account_key},
        connection_verify=str(cloud.certificate),
    )


def in_a_container(cloud: AzureCloud, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As Container Apps tells a process who it is."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", cloud.identity_endpoint)
    monkeypatch.setenv("IDENTITY_HEADER", IDENTITY_HEADER)
    return Settings(state_accounts=f"dev={ACCOUNT}", azure_client_id=CLIENT)


def in_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As Kubernetes tells a pod."""
    (tmp_path / "token").write_text(FEDERATED)
    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    monkeypatch.setenv("AZURE_CLIENT_ID", CLIENT)
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "token"))
    return Settings(state_accounts=ACCOUNT, azure_identity="workload_identity")


async def opened(
    settings: Settings, tmp_path: Path, stack: AsyncExitStack, **more: float
) -> tuple[SandboxTerraform, Mapping[str, str]]:
    login = await stack.enter_async_context(azure_login(settings))
    return make_sandbox(tmp_path, backend=backend(settings), login=login, **more), login


@pytest.mark.parametrize("who", ["container", "cluster"])
async def test_the_state_is_in_the_account_and_who_we_are_nowhere(
    cloud: AzureCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    chosen = in_a_container(cloud, monkeypatch)
    if who == "cluster":
        chosen = in_a_cluster(tmp_path, monkeypatch)
    kept: list[bytes] = []
    async with AsyncExitStack() as stack:
        terraform, login = await opened(chosen, tmp_path, stack)
        planned = await terraform.plan(files.storage())
        assert await terraform.cli.state(WORKSPACE) == planned.state
        lines: list[str] = []
        applied = await terraform.cli.apply(
            WORKSPACE, files.storage(), planned, lock=planned.lock, on_line=lines.append
        )
        assert await terraform.cli.state(WORKSPACE) == applied.state
        assert await terraform.cli.addresses(WORKSPACE) == {c.address for c in planned.resources}
        again = await terraform.plan(files.storage())
        assert again.resources == ()
        kept = [planned.file, again.file, "\n".join(lines).encode()]
    async with container(cloud) as client:
        assert [blob.name async for blob in client.list_blobs()] == [f"{WORKSPACE}.tfstate"]
        kept.append(await (await client.download_blob(f"{WORKSPACE}.tfstate")).readall())
    kept += [path.read_bytes() for path in (tmp_path / "work").rglob("*") if path.is_file()]
    told = [value for name, value in login.items() if name not in ("ARM_USE_MSI", "ARM_USE_OIDC")]
    secrets = [*told, IDENTITY_HEADER, FEDERATED, cloud.account_key, "eyJ"]
    assert not [secret for secret in secrets if any(secret.encode() in text for text in kept)]
    assert set(cloud.tokens) == {who}
    assert cloud.refused == []


async def killed_while_applying(terraform: SandboxTerraform) -> StateLock:
    """The lock that it held, and holds on."""
    planned = await terraform.plan(files.group())
    busy = asyncio.Event()
    run = asyncio.create_task(
        terraform.cli.apply(
            WORKSPACE,
            files.group(),
            planned,
            lock=planned.lock,
            on_line=lambda line: busy.set() if "Creating..." in line else None,
        )
    )
    await asyncio.wait({run, asyncio.create_task(busy.wait())}, return_when="FIRST_COMPLETED")
    lock = await terraform.cli.locked(WORKSPACE)
    run.cancel()
    with pytest.raises(TerraformFailed, match="was killed"):
        await run
    assert lock is not None
    return lock


async def test_a_lock_that_a_killed_machine_left_is_removed_once_somebody_vouches(
    cloud: AzureCloud,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    chosen = replace(in_a_cluster(tmp_path, monkeypatch), store=tmp_path / "s", prices_live=False)
    async with AsyncExitStack() as stack:
        slow = {"speed": 50, "cancel_grace_s": 0}
        terraform, _ = await opened(chosen, tmp_path, stack, **slow)
        assert await terraform.cli.locked(WORKSPACE) is None
        lock = await killed_while_applying(terraform)
        assert (lock.operation, "@" in lock.holder) == ("apply", True)
        with pytest.raises(WorkspaceLocked, match=f"locked by {lock.holder}"):
            await terraform.plan(files.group())
        assert await terraform.cli.locked(WORKSPACE) == lock

        out = io.StringIO()
        with pytest.raises(UserError, match=f"--gone {lock.host}"):
            await unlock(chosen, WORKSPACE, gone="", by="omar", out=out)
        with caplog.at_level(logging.WARNING):
            assert await unlock(chosen, WORKSPACE, gone=lock.host, by="omar", out=out) == 0
        assert f"the lock of {lock.holder} was removed" in out.getvalue()
        [record] = [r for r in caplog.records if r.message == "state.unlocked"]
        assert record.__dict__["fields"]["by"] == "omar"
        assert (await terraform.plan(files.group())).resources[0].action is Action.CREATE
        with pytest.raises(TerraformFailed):
            await terraform.cli.unlock(WORKSPACE, lock.id)


async def test_what_is_no_workspace_is_refused(tmp_path: Path) -> None:
    for name in ("x", "a/b/c", "a/b/c/d/e", "../b/c/d"):
        with pytest.raises(UserError, match="is no workspace"):
            await unlock(Settings(store=tmp_path), name, gone="", by="omar", out=io.StringIO())


async def test_an_environment_without_an_account_is_named(tmp_path: Path) -> None:
    terraform = make_sandbox(tmp_path, backend=backend(Settings(state_accounts=f"dev={ACCOUNT}")))
    with pytest.raises(PermanentError, match="the state of 'production'"):
        await terraform.cli.state(WorkspaceId("acme/production/storage/x"))


async def test_without_an_identity_it_is_said_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AZURE_TENANT_ID", raising=False)
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", "/token")
    chosen = Settings(state_accounts=ACCOUNT, azure_identity="workload_identity")
    with pytest.raises(UserError, match="needs AZURE_TENANT_ID, which"):
        async with azure_login(chosen):
            pass
