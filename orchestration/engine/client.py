"""The engine as the rest sees it: nudges, by way of Temporal."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError

from orchestration.engine.workflows import CONTROL_QUEUE, DeploymentWorkflow
from orchestration.errors import TemporaryError
from orchestration.ports import DeploymentId

_RPC = timedelta(seconds=5)


class TemporalEngine:
    """Connects when first used and keeps the connection; `address` is asked each time it connects,
    because an embedded server may come back elsewhere."""

    def __init__(self, address: Callable[[], str], namespace: str = "default") -> None:
        self._address = address
        self._namespace = namespace
        self._client: Client | None = None
        self._connecting = asyncio.Lock()

    async def client(self) -> Client:
        """Raises: TemporaryError - nobody answers at the address."""
        async with self._connecting:
            if self._client is None:
                try:
                    self._client = await Client.connect(self._address(), namespace=self._namespace)
                except (RuntimeError, OSError) as error:
                    raise TemporaryError("connecting to the engine") from error
            return self._client

    async def nudge(self, deployment: DeploymentId) -> None:
        client = await self.client()
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
