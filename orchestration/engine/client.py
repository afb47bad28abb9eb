"""The engine as the rest sees it: nudges, by way of Temporal."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.errors import TemporaryError
from orchestration.ports import DeploymentId

if TYPE_CHECKING:
    from temporalio.client import Client

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 15.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Credentials:
    """For somebody else's cluster: an API key, or a client certificate with its key; who signed the
    cluster's certificate and the name in it, where those are not what one would think (PEM)."""

    api_key: str = field(default="", repr=False)
    certificate: Path | None = None
    key: Path | None = None
    authority: Path | None = None
    server_name: str = ""


class TemporalEngine:
    """Connects when first used and keeps the connection; `address` is asked each time it connects,
    because an embedded server may come back elsewhere. Temporal's SDK is loaded when it is needed.
    """

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
        self._rpc: Any = None
        self._connecting = asyncio.Lock()

    async def warm(self) -> None:
        """Connect now, so that the first nudge need not; one that fails is tried again by it."""
        with suppress(TemporaryError):
            await self.client()

    async def client(self) -> "Client":
        """Raises: TemporaryError - nobody answers at the address."""
        async with self._connecting:
            if self._client is None:
                self._rpc = await asyncio.to_thread(import_module, "orchestration.engine.rpc")
                self._client = await self._rpc.connected(
                    self._address(), self._namespace, self._credentials
                )
            return self._client

    async def check(self) -> None:
        """Raises: TemporaryError - nobody answers at the address, or the namespace is not there."""
        client = await self.client()
        await self._rpc.check(client)

    async def awaited(
        self, given_up: asyncio.Event, *, away: Callable[[str], None] = lambda _: None
    ) -> "Client | None":
        """The connection, however long the engine is away; None when it is given up before.

        Where it has to be waited for, `away` is told once, with what could not be done.
        """
        trying = asyncio.create_task(self._there(away))
        giving_up = asyncio.create_task(given_up.wait())
        try:
            await asyncio.wait({trying, giving_up}, return_when=asyncio.FIRST_COMPLETED)
            return await trying if trying.done() else None
        finally:
            for task in (trying, giving_up):
                task.cancel()
            await asyncio.gather(trying, giving_up, return_exceptions=True)

    async def _there(self, away: Callable[[str], None]) -> "Client":
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                await self.check()
                return await self.client()
            except TemporaryError as error:
                _log.warning("engine_awaited", extra={"fields": {"why": str(error)}})
                if wait_s == _FIRST_WAIT_S:
                    away(str(error))
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    async def nudge(self, deployment: DeploymentId) -> None:
        client = await self.client()
        await self._rpc.nudge(client, deployment)
