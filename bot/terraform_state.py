"""Where Terraform's state is kept, and who Terraform is in Azure, as the settings choose."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.settings import Settings
from orchestration.adapters.terraform.backend import (
    ANY_OTHER,
    AzureBackend,
    Backend,
    LocalBackend,
)
from orchestration.errors import UserError

_KUBERNETES = ("AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE")
"""What its workload identity webhook sets in a pod."""


def backend(settings: Settings) -> Backend:
    accounts = accounts_of(settings)
    if accounts:
        return AzureBackend(accounts, settings.state_container)
    return LocalBackend((settings.store / "state").absolute())


def accounts_of(settings: Settings) -> Mapping[str, str]:
    """`NAME` keeps the state of every environment, `production=NAME` that of one."""
    pairs = (entry.rpartition("=") for entry in settings.state_accounts.split())
    return {environment or ANY_OTHER: account for environment, _, account in pairs}


@asynccontextmanager
async def azure_login(settings: Settings) -> AsyncIterator[Mapping[str, str]]:
    """What Terraform needs in its environment to be us in Azure; nothing in it is a secret that
    outlives this process. Nothing at all where the state is in the store folder.

    Raises: UserError - Kubernetes gives this process no identity.
    """
    if not settings.state_accounts:
        yield {}
    elif settings.azure_identity == "workload_identity":
        yield _of_the_cluster(settings)
    else:
        from orchestration.adapters.azure.identity import open_identity
        from orchestration.adapters.azure.token_endpoint import token_endpoint

        async with (
            open_identity("managed_identity", settings.azure_client_id) as identity,
            token_endpoint(identity) as address,
        ):
            yield {"ARM_USE_MSI": "true", "ARM_MSI_ENDPOINT": address} | _client(settings)


def _of_the_cluster(settings: Settings) -> dict[str, str]:
    missing = [name for name in _KUBERNETES if not os.environ.get(name)]
    if missing:
        raise UserError(
            f"azure_identity 'workload_identity' needs {' and '.join(missing)}, which Kubernetes "
            "sets where the pod has the label azure.workload.identity/use and a service account."
        )
    tenant, file = (os.environ[name] for name in _KUBERNETES)
    login = {"ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN_FILE_PATH": file, "ARM_TENANT_ID": tenant}
    return login | _client(settings)


def _client(settings: Settings) -> dict[str, str]:
    client = settings.azure_client_id or os.environ.get("AZURE_CLIENT_ID", "")
    return {"ARM_CLIENT_ID": client} if client else {}
