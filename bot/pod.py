"""Who a pod is in Azure: what Kubernetes' workload identity webhook sets in its environment."""

import os
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import UserError

_NEEDED = ("AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE")


@dataclass(frozen=True, slots=True)
class PodIdentity:
    """`token_file` is kept new by Kubernetes; what is in it stands in for a secret."""

    tenant_id: str
    client_id: str
    token_file: Path


def pod_identity(client_id: str) -> PodIdentity:
    """`client_id` chooses another one than that of the service account.

    Raises: UserError - Kubernetes gives this process no identity.
    """
    missing = [name for name in _NEEDED if not os.environ.get(name)]
    if missing:
        raise UserError(
            f"azure_identity 'workload_identity' needs {' and '.join(missing)}, which Kubernetes "
            "sets where the pod has the label azure.workload.identity/use and a service account."
        )
    tenant, file = (os.environ[name] for name in _NEEDED)
    return PodIdentity(tenant, client_id or os.environ.get("AZURE_CLIENT_ID", ""), Path(file))
