"""How many jobs may run at a time over all workers: permits, kept in one small document.

Who holds one says so again now and then. What was held by a process that died is free once it has
not said so for a while. While the store is away nothing new begins, and what runs goes on.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import uuid4

from orchestration.errors import TemporaryError
from orchestration.ports import (
    Clock,
    Conflict,
    Create,
    Document,
    NotFound,
    Replace,
    Stale,
    Store,
    Write,
)

CONTAINER = "workspaces"
LEASE = timedelta(seconds=60)
_RENEWED_EVERY_S = 15.0
_ASKED_EVERY_S = 1.0
_ID = "permits"
_ATTEMPTS = 50
_log = logging.getLogger(__name__)

Held: TypeAlias = dict[str, Any]
"""Holder to how many (`count`) and until when (`until`)."""


class Permits:
    """Those of one process, the `holder`; with a `limit` of 0 everybody has one."""

    def __init__(
        self,
        store: Store,
        organisation: str,
        clock: Clock,
        *,
        limit: int,
        holder: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._partition = organisation
        self._clock = clock
        self._limit = limit
        self._holder = holder
        self._sleep = sleep
        self._count = 0
        self._changing = asyncio.Lock()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a permit while inside; waits for one."""
        if not self._limit:
            yield
            return
        while not await self._took():
            await self._sleep(_ASKED_EVERY_S)
        try:
            yield
        finally:
            await asyncio.shield(self._gave_back())

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """What this process holds stays its own while inside."""
        keeping = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            keeping.cancel()

    async def renew(self) -> None:
        """Say again what is held here. Raises: TemporaryError."""
        if self._count:
            await self._change(0)

    async def _keep(self) -> None:
        while True:
            await self._sleep(_RENEWED_EVERY_S)
            with suppress(TemporaryError):
                await self.renew()

    async def _took(self) -> bool:
        try:
            return await self._change(1)
        except TemporaryError:
            _log.warning("permits_unknown", exc_info=True)
            return False

    async def _gave_back(self) -> None:
        """What cannot be told now is told with the next that is, or ends by itself."""
        with suppress(TemporaryError):
            await self._change(-1)

    async def _change(self, by: int) -> bool:
        """Hold that many more; False if there is none free."""
        async with self._changing:
            if by < 0:
                self._count += by
            for _ in range(_ATTEMPTS):
                document = await self._read()
                now = self._clock.now()
                others = self._others(document, now)
                wanted = self._count + max(by, 0)
                if by > 0 and wanted + sum(one["count"] for one in others.values()) > self._limit:
                    return False
                until = (now + LEASE).isoformat()
                own = {self._holder: {"count": wanted, "until": until}} if wanted else {}
                if await self._wrote(document, {**others, **own}):
                    self._count = wanted
                    return True
        raise TemporaryError("counting the jobs that run: too many at once")

    def _others(self, document: Document | None, now: datetime) -> Held:
        held: Mapping[str, Any] = document.body["held"] if document else {}
        return {
            holder: one
            for holder, one in held.items()
            if holder != self._holder and datetime.fromisoformat(one["until"]) > now
        }

    async def _read(self) -> Document | None:
        try:
            return await self._store.get(CONTAINER, self._partition, _ID)
        except NotFound:
            return None

    async def _wrote(self, present: Document | None, held: Held) -> bool:
        body = {"held": held}
        write: Write = Replace(_ID, body, present.etag) if present else Create(_ID, body)
        try:
            operation = uuid4().hex
            await self._store.batch(CONTAINER, self._partition, [write], operation=operation)
        except (Stale, Conflict, NotFound):
            return False
        return True
