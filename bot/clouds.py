"""The cloud that is provisioned: simulated, or Azure as the identity of the process."""

import os
import shlex
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings import Settings
from bot.terraform_state import azure_login, backend
from orchestration.ports import Inventory, Terraform

_SHARED = ".providers"


@dataclass(frozen=True, slots=True)
class Cloud:
    terraform: Terraform
    inventory: Inventory


@asynccontextmanager
async def opened_cloud(settings: Settings) -> AsyncIterator[Cloud]:
    """Raises: UserError, PermanentError - the platform gives this process no identity."""
    async with azure_login(settings) as login:
        if settings.cloud == "sandbox":
            yield sandbox(settings, login)
            return
        from orchestration.adapters.azure.arm import open_resource_manager
        from orchestration.adapters.azure.databricks import Databricks
        from orchestration.adapters.azure.identity import open_identity
        from orchestration.adapters.azure.inventory import AzureInventory
        from orchestration.adapters.azure.token_endpoint import token_endpoint

        async with (
            open_identity(settings.azure_identity, settings.azure_client_id) as identity,
            token_endpoint(identity) as tokens,
            open_resource_manager(identity) as manager,
        ):
            yield Cloud(
                azure_terraform(settings, login, tokens),
                AzureInventory(manager, Databricks(manager.answers), settings.subscription_id),
            )


def sandbox(settings: Settings, login: Mapping[str, str] | None = None) -> Cloud:
    """`login` is who Terraform is where its state is in Azure."""
    from orchestration.adapters.sandbox_inventory import SandboxInventory
    from orchestration.sandbox.mirror import build, environment

    root = settings.store.resolve() / "sandbox"
    variables = {**environment(speed=settings.sandbox_speed), **(login or {})}
    return Cloud(
        _terraform(settings, cli_config=build(root), environment=variables), SandboxInventory(root)
    )


def azure_terraform(settings: Settings, login: Mapping[str, str], tokens: str) -> Terraform:
    """`login` is who the `azurerm` provider is, `tokens` where the Databricks one gets its own."""
    from orchestration.adapters.terraform.providers import write_cli_config

    root = _work(settings)
    shared = root / _SHARED
    return _terraform(
        settings,
        cli_config=write_cli_config(root, shared, settings.provider_mirror),
        environment=azure_environment(settings, login, tokens),
        shared_providers=shared,
    )


def azure_environment(
    settings: Settings, login: Mapping[str, str], tokens: str
) -> Mapping[str, str]:
    path = f"{_az(_work(settings))}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {
        **login,
        "ARM_SUBSCRIPTION_ID": settings.subscription_id,
        "DATABRICKS_AUTH_TYPE": "azure-cli",
        "PATH": path,
        "SIGNOFF_TOKENS": tokens,
    }


def _work(settings: Settings) -> Path:
    return settings.store.resolve() / "work"


def _terraform(settings: Settings, **chosen: Any) -> Terraform:
    from orchestration.adapters.measured_terraform import MeasuredTerraform
    from orchestration.adapters.terraform.binary import at, find
    from orchestration.adapters.terraform.cli import TerraformCli

    named = settings.terraform_binary
    return MeasuredTerraform(
        TerraformCli(
            (at(str(named)) if named else find()).argv,
            workdir=settings.store / "work",
            backend=backend(settings),
            plan_timeout_s=settings.plan_timeout_s,
            apply_timeout_s=settings.apply_timeout_s,
            lock_timeout_s=settings.lock_timeout_s,
            cancel_grace_s=settings.cancel_grace_s,
            **chosen,
        )
    )


def _az(root: Path) -> Path:
    """A folder with the one program that the Databricks provider calls."""
    from orchestration.adapters.azure import az

    folder = root / ".bin"
    folder.mkdir(parents=True, exist_ok=True)
    program, script = folder / "az", shlex.join([sys.executable, "-I", "-S", str(az.__file__)])
    draft = folder / f".az.{os.getpid()}"
    draft.write_text(f'#!/bin/sh\nexec {script} "$@"\n')
    draft.chmod(0o755)
    draft.replace(program)
    return folder
