"""The two calls that the rest makes of a Temporal server. Importing this takes half a second."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError

from orchestration.engine.workflows import CONTROL_QUEUE, DeploymentWorkflow
from orchestration.errors import TemporaryError
from orchestration.ports import DeploymentId

_RPC = timedelta(seconds=5)


async def connected(address: str, namespace: str) -> Client:
    """Raises: TemporaryError - nobody answers at the address."""
    try:
        return await Client.connect(address, namespace=namespace)
    except (RuntimeError, OSError) as error:
        raise TemporaryError("connecting to the engine") from error


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
