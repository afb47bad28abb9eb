"""Who Signoff is in Azure: the identity that the platform gives it, never a secret of its own.

Source: azure-identity, which reads what Container Apps, App Service, AKS and machines provide.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, TypeAlias

from azure.core.credentials_async import AsyncTokenCredential
from azure.identity.aio import ManagedIdentityCredential, WorkloadIdentityCredential

from orchestration.errors import PermanentError

Identity: TypeAlias = AsyncTokenCredential
IdentityKind = Literal["managed_identity", "workload_identity"]


@asynccontextmanager
async def open_identity(kind: IdentityKind, client_id: str) -> AsyncIterator[Identity]:
    """`client_id` chooses one of several managed identities; a workload identity may leave it to
    `AZURE_CLIENT_ID`, which Kubernetes sets together with the file of its token.

    Raises: PermanentError - the platform gives this process no such identity.
    """
    async with _credential(kind, client_id or None) as credential:
        yield credential


def _credential(
    kind: IdentityKind, client_id: str | None
) -> ManagedIdentityCredential | WorkloadIdentityCredential:
    try:
        if kind == "managed_identity":
            return ManagedIdentityCredential(client_id=client_id)
        return WorkloadIdentityCredential(**({"client_id": client_id} if client_id else {}))
    except ValueError as error:
        raise PermanentError(f"using the workload identity: {error}") from error
