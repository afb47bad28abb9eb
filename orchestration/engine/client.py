"""The engine as the rest sees it: nudges, by way of Temporal."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError, TLSConfig

from orchestration.engine.workflows import CONTROL_QUEUE, DeploymentWorkflow
from orchestration.errors import TemporaryError
from orchestration.ports import DeploymentId

_RPC = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Credentials:
    """For somebody else's cluster: an API key, or a client certificate with its key (PEM)."""

    api_key: str = field(default="", repr=False)
    certificate: Path | None = None
    key: Path | None = None

    @property
    def tls(self) -> TLSConfig | bool:
        """Raises: OSError - a file cannot be read."""
        if self.certificate is None or self.key is None:
            return bool(self.api_key)
        return TLSConfig(
            client_cert=self.certificate.read_bytes(), client_private_key=self.key.read_bytes()
        )


class TemporalEngine:
    """Connects when first used and keeps the connection; `address` is asked each time it connects,
    because an embedded server may come back elsewhere."""

    def __init__(
        self,
        address: Callable[[], str],
        namespace: str = "default",
        credentials: Credentials | None = None,
    ) -> None:
        self._address = address
        self._namespace = namespace
        self._credentials = credentials or Credentials()
        self._client: Client | None = None
        self._connecting = asyncio.Lock()

    async def client(self) -> Client:
        """Raises: TemporaryError - nobody answers at the address."""
        async with self._connecting:
            if self._client is None:
                try:
                    self._client = await self._connected()
                except (RuntimeError, OSError) as error:
                    raise TemporaryError("connecting to the engine") from error
            return self._client

    async def _connected(self) -> Client:
        return await Client.connect(
            self._address(),
            namespace=self._namespace,
            api_key=self._credentials.api_key or None,
            tls=self._credentials.tls,
        )

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
