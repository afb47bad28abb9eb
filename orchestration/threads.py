"""The inside as surfaces see it: events come in, are stored, and are answered thread by thread."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

from approvals.gates import Verdict
from approvals.principals import Role
from orchestration.cards.model import Card
from orchestration.conversation import Conversation
from orchestration.correlation import correlated
from orchestration.deciding import decide
from orchestration.delivery import Delivery
from orchestration.deployments import Deployments
from orchestration.errors import TemporaryError, UserError
from orchestration.inbox import Entry, Inbox
from orchestration.lease import Lease, LeaseLost, Leases
from orchestration.listing import Summary
from orchestration.messages import Clicked, Inbound, ThreadId
from orchestration.ports import Clock, DeploymentId, Directory, Engine, NotFound
from orchestration.views import View

_DECIDING = frozenset(verdict.value for verdict in Verdict)
_STUCK_S = 30.0
"""After how long an event is tried again that could not even be given up."""
_log = logging.getLogger(__name__)


class Threads:
    """`service.Service` for one process. A thread's events are answered in order by one task."""

    def __init__(
        self,
        inbox: Inbox,
        leases: Leases,
        conversation: Conversation,
        deployments: Deployments,
        directory: Directory,
        engine: Engine,
        clock: Clock,
        delivery: Delivery,
        view: View,
        *,
        turns_at_once: int = 64,
    ) -> None:
        """`turns_at_once`: more of them wait, so that what comes in is acknowledged meanwhile."""
        self._inbox = inbox
        self._leases = leases
        self._conversation = conversation
        self._deployments = deployments
        self._directory = directory
        self._engine = engine
        self._clock = clock
        self._delivery = delivery
        self._view = view
        self._turns = asyncio.Semaphore(turns_at_once)
        self._tasks: dict[ThreadId, asyncio.Task[None]] = {}
        self._news: set[ThreadId] = set()
        self._nudges: set[asyncio.Task[None]] = set()
        self._held: dict[ThreadId, Lease] = {}

    async def receive(self, event: Inbound) -> None:
        """Raises: UserError - a click on something that does not exist; nothing was stored."""
        if isinstance(event, Clicked) and event.verb in _DECIDING:
            await self._decide(event)
        else:
            await self._inbox.put(event)
            self._see_to(event.thread)

    async def settled(self, thread: ThreadId) -> None:
        while thread in self._tasks:
            await asyncio.wait([self._tasks[thread]])
        await self._delivery.settled()
        await self._delivery.resume()
        await self._delivery.settled()

    async def state(self, thread: ThreadId) -> tuple[str, ...]:
        return await self._view.state(thread)

    async def knows(self, thread: ThreadId) -> bool:
        return await self._inbox.knows(thread)

    async def card(self, id: str) -> Card:
        return await self._view.card_called(id)

    async def summaries(self, limit: int = 100) -> tuple[Summary, ...]:
        return await self._view.summaries(limit)

    async def show(self, thread: ThreadId, what: str) -> Mapping[str, Any]:
        return await self._view.show(thread, what)

    async def resume(self) -> None:
        """Answer what was received and not answered before the process ended."""
        for thread in await self._inbox.waiting():
            self._see_to(thread)

    async def stop(self) -> None:
        """Stop between two writes; what is not answered is answered by `resume` of the next run."""
        tasks = [*self._tasks.values(), *self._nudges]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _decide(self, click: Clicked) -> None:
        by = await self._directory.get(click.by)
        if by is None:
            raise UserError("I don't know you, so your click does not count")
        people = await self._directory.with_roles(frozenset(Role))
        try:
            ruling = await decide(self._deployments, self._clock, click, by, people)
        except NotFound as error:
            raise UserError("that card belongs to a deployment that does not exist") from error
        if ruling.counted:
            nudging = asyncio.create_task(self._nudge(DeploymentId(click.data["deployment"])))
            self._nudges.add(nudging)  # the click is recorded: nobody waits for the engine
            nudging.add_done_callback(self._nudges.discard)

    async def _nudge(self, deployment: DeploymentId) -> None:
        with suppress(TemporaryError):  # stored: the reconciler nudges it again
            await self._engine.nudge(deployment)

    def _see_to(self, thread: ThreadId) -> None:
        self._news.add(thread)
        if thread not in self._tasks:
            self._tasks[thread] = asyncio.create_task(self._work(thread), name=f"turns {thread}")

    async def _work(self, thread: ThreadId) -> None:
        """Answer what waits, until nothing has come since it was last looked for."""
        try:
            while thread in self._news:
                self._news.discard(thread)
                async with self._turns:
                    pause = await self._round(thread)
                if pause:
                    await asyncio.sleep(pause)
        finally:
            del self._tasks[thread]

    async def _round(self, thread: ThreadId) -> float:
        """Answer what waits now; in how many seconds to go on if something is left, else 0."""
        try:
            entries = await self._inbox.entries(thread)
        except TemporaryError as error:
            _log.warning("inbox_postponed", extra={"fields": {"thread": thread}}, exc_info=True)
            self._news.add(thread)
            return error.retry_after_s
        if len(entries) > 1:
            self._news.add(thread)  # there may be more than it gives at once
        for entry in entries:
            pause = await self._answer(thread, entry)
            if pause is not None:
                self._news.add(thread)
                return pause
        return 0.0

    async def _answer(self, thread: ThreadId, entry: Entry) -> float | None:
        """In how many seconds it is to be tried again; None when it is answered."""
        try:
            with correlated(entry.event.event):
                await self._turn(thread, entry)
        except LeaseLost:
            self._held.pop(thread, None)
            return 0.0
        except TemporaryError as error:
            _log.warning("turn_postponed", extra={"fields": {"thread": thread}}, exc_info=True)
            return error.retry_after_s
        except Exception:
            _log.exception("turn_stuck", extra={"fields": {"thread": thread}})
            return _STUCK_S
        return None

    async def _turn(self, thread: ThreadId, entry: Entry) -> None:
        try:
            lease = await self._lease(thread)
            await self._conversation.turn(thread, entry, lease)
        except (LeaseLost, TemporaryError):
            raise
        except Exception:
            await self._give_up(thread, entry)

    async def _give_up(self, thread: ThreadId, entry: Entry) -> None:
        """A fault of our own must not silence the thread: the person gets an incident id."""
        incident = uuid4().hex[:8]
        _log.exception("turn_failed", extra={"fields": {"incident": incident, "thread": thread}})
        await self._conversation.give_up(thread, entry, await self._lease(thread), incident)

    async def _lease(self, thread: ThreadId) -> Lease:
        """The thread's lease; kept between turns for as long as it lasts.

        Raises: TemporaryError - another process has it.
        """
        held = self._held.get(thread)
        if held is None or held.expires <= self._clock.now():
            held = await self._leases.acquire(thread)
            if held is None:
                raise TemporaryError(f"answering in {thread!r}: another process does")
            self._held[thread] = held
        return held
