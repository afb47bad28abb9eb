"""The two calls that the rest makes of a Temporal server. Importing this takes half a second."""

from datetime import timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError, TLSConfig

from orchestration.engine.client import Credentials
from orchestration.engine.workflows import CONTROL_QUEUE, DeploymentWorkflow
from orchestration.errors import TemporaryError
from orchestration.ports import DeploymentId

_RPC = timedelta(seconds=5)


async def connected(address: str, namespace: str, credentials: Credentials) -> Client:
    """Raises: TemporaryError - nobody answers at the address, or a certificate cannot be read."""
    try:
        return await Client.connect(
            address,
            namespace=namespace,
            api_key=credentials.api_key or None,
            tls=tls_of(credentials),
        )
    except (RuntimeError, OSError) as error:
        raise TemporaryError("connecting to the engine") from error


def tls_of(credentials: Credentials) -> TLSConfig | bool:
    """Raises: OSError - a file cannot be read."""
    files = (credentials.authority, credentials.certificate, credentials.key)
    authority, certificate, key = (path.read_bytes() if path else None for path in files)
    if not any((authority, certificate, credentials.server_name)):
        return bool(credentials.api_key)
    return TLSConfig(
        server_root_ca_cert=authority,
        domain=credentials.server_name or None,
        client_cert=certificate,
        client_private_key=key,
    )


async def check(client: Client) -> None:
    """Raises: TemporaryError - no answer, no such namespace, or it is not shown to us."""
    asked = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        await client.workflow_service.describe_namespace(asked, timeout=_RPC)
    except RPCError as error:
        raise TemporaryError(f"looking at the namespace {client.namespace!r}") from error


async def nudge(client: Client, deployment: DeploymentId) -> None:
    """Start the deployment's workflow, or have the running one look again.

    Raises: TemporaryError - the server cannot be reached.
    """
    try:
        await client.start_workflow(
            DeploymentWorkflow.run,
            deployment,
            id=f"deployment/{deployment}",
            task_queue=CONTROL_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal="nudge",
            rpc_timeout=_RPC,
        )
    except RPCError as error:
        raise TemporaryError(f"nudging deployment {deployment}") from error
