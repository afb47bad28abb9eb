"""Where Terraform's state is kept, and who Terraform is in Azure, as the settings choose."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.pod import pod_identity
from bot.settings import Settings
from orchestration.adapters.terraform.backend import (
    ANY_OTHER,
    AzureBackend,
    Backend,
    LocalBackend,
)


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
            told = {"ARM_USE_MSI": "true", "ARM_MSI_ENDPOINT": address}
            yield told | _client(settings.azure_client_id)


def _of_the_cluster(settings: Settings) -> dict[str, str]:
    pod = pod_identity(settings.azure_client_id)
    login = {"ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN_FILE_PATH": str(pod.token_file)}
    return login | {"ARM_TENANT_ID": pod.tenant_id} | _client(pod.client_id)


def _client(id: str) -> dict[str, str]:
    return {"ARM_CLIENT_ID": id} if id else {}
