"""How many jobs may run at a time over all workers: permits, kept in one small document.

A worker asks for a job only with a permit in its hand, so that what has to wait waits in the
engine, in the engine's order. Who holds permits says so again now and then; those of a process that
died are free once it has not said so for a while. A permit that is free again goes to the next job
of the same process, and to another process when this one had nothing to do with it. While the store
is away nothing new begins once they have run out, and what runs goes on.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import uuid4

from orchestration.errors import TemporaryError
from orchestration.lasting import going_on
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
_ASKED_EVERY_S = 2.0
_OTHERS_FIRST = 2
"""How often somebody else may ask before who had nothing to do asks again."""
_ID = "permits"
_ATTEMPTS = 50
_log = logging.getLogger(__name__)

Held: TypeAlias = dict[str, Any]
"""Holder to how many (`count`) and until when (`until`)."""


class Permits:
    """Those of one process, the `holder`; with a `limit` of 0 nobody needs any."""

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
        self.limit = limit
        self._store = store
        self._partition = organisation
        self._clock = clock
        self._holder = holder
        self._sleep = sleep
        self._granted = 0
        self._until = clock.now()
        self._taken = 0
        self._running = 0
        self._waiting = 0
        self._others_first = 0
        self._freed = asyncio.Event()
        self._taking = asyncio.Lock()
        self._changing = asyncio.Lock()
        self._returning: set[asyncio.Task[None]] = set()

    async def take(self) -> None:
        """Wait for a permit. One asks for all that wait in this process."""
        self._waiting += 1
        try:
            async with self._taking:
                while not await self._took():
                    await self._a_while()
        finally:
            self._waiting -= 1

    def give(self, *, idle: bool = False) -> None:
        """Free one that was taken; `idle` if no job came that needed it. After the end of `kept`
        there is none to be freed."""
        if not self._taken:
            return
        self._taken -= 1
        self._others_first = _OTHERS_FIRST if idle else 0
        if self._waiting and not idle:
            self._freed.set()
            return
        task = asyncio.create_task(self._returned())
        self._returning.add(task)
        task.add_done_callback(self._returning.discard)

    @contextmanager
    def running(self) -> Iterator[None]:
        """A job runs while inside. Raises: TemporaryError - others have its permit by now."""
        if self.limit and self._running >= self._valid():
            raise TemporaryError("beginning a job: others have its permit by now")
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """What this process holds stays its own while inside; nothing is held after it."""
        keeping = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            keeping.cancel()
            self._taken = 0
            if self.limit:
                with suppress(TemporaryError):
                    await self.renew()

    async def renew(self) -> None:
        """Say again what is held here. Raises: TemporaryError."""
        async with self._changing:
            await self._change(self._taken)

    async def _keep(self) -> None:
        while True:
            await self._sleep(_RENEWED_EVERY_S)
            if self._taken or self._granted:
                with going_on("renewing permits"):
                    await self.renew()

    async def _took(self) -> bool:
        if self._others_first:
            self._others_first -= 1
            return False
        async with self._changing:
            if self._taken >= self._valid():
                try:
                    await self._change(self._taken + 1, only_more=True)
                except TemporaryError:
                    _log.warning("permits_unknown", exc_info=True)
            if self._taken >= self._valid():
                return False
            self._taken += 1
            return True

    async def _a_while(self) -> None:
        """Until it is time to ask again, or one is free here."""
        self._freed.clear()
        ways = [
            asyncio.ensure_future(self._sleep(_ASKED_EVERY_S)),
            asyncio.ensure_future(self._freed.wait()),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()

    async def _returned(self) -> None:
        """What is not needed here any more; what cannot be told now is told with the next that is,
        or ends by itself."""
        with suppress(TemporaryError):
            async with self._changing:
                if self._taken < self._granted:
                    await self._change(self._taken)

    def _valid(self) -> int:
        return self._granted if self._clock.now() < self._until else 0

    async def _change(self, wanted: int, *, only_more: bool = False) -> None:
        """Be granted that many, or as many of them as others leave. Raises: TemporaryError."""
        for _ in range(_ATTEMPTS):
            document = await self._read()
            now = self._clock.now()
            others = self._others(document, now)
            free = self.limit - sum(one["count"] for one in others.values())
            granted = min(wanted, max(free, 0))
            if only_more and granted <= self._valid():
                return
            until = now + LEASE
            own = {self._holder: {"count": granted, "until": until.isoformat()}} if granted else {}
            if await self._wrote(document, {**others, **own}):
                self._granted, self._until = granted, until
                return
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
