"""The inside as surfaces see it: events come in, are stored, and are answered thread by thread."""

import asyncio
import logging
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

from approvals.gates import Verdict
from approvals.principals import PrincipalId, Role
from orchestration import measures, tracing
from orchestration.cards.model import Card
from orchestration.conversation import Conversation
from orchestration.correlation import correlated
from orchestration.deciding import decide
from orchestration.delivery import Delivery
from orchestration.deployments import Deployments
from orchestration.errors import TemporaryError, UserError
from orchestration.heads import Head, Heads, Overtaken
from orchestration.inbox import Entry, Inbox
from orchestration.listing import Summary
from orchestration.messages import Clicked, Inbound, ThreadId
from orchestration.ports import Clock, Conflict, DeploymentId, Directory, Engine, NotFound
from orchestration.submission import subject_of
from orchestration.turns import Turns
from orchestration.views import View

_DECIDING = frozenset(verdict.value for verdict in Verdict)
_STUCK_S = 30.0
"""After how long an event is tried again that could not even be given up."""
_AGAIN_S = 0.05
"""After another process has answered; what it has left is looked for again."""
_HELD_ELSEWHERE_S = 1.0
"""How often it is looked whether another process has answered what it is working on."""
_MOMENT_S = 1.0
"""What a turn takes at most without a model."""
_log = logging.getLogger(__name__)


class Threads:
    """`service.Service` for one process. A thread's events are answered in order by one task."""

    def __init__(
        self,
        inbox: Inbox,
        heads: Heads,
        conversation: Conversation,
        deployments: Deployments,
        directory: Directory,
        engine: Engine,
        clock: Clock,
        delivery: Delivery,
        view: View,
        turns: Turns,
    ) -> None:
        self._inbox = inbox
        self._heads = heads
        self._conversation = conversation
        self._deployments = deployments
        self._directory = directory
        self._engine = engine
        self._clock = clock
        self._delivery = delivery
        self._view = view
        self._turns = turns
        self._tasks: dict[ThreadId, asyncio.Task[None]] = {}
        self._news: dict[ThreadId, float] = {}
        self._received: set[ThreadId] = set()
        self._nudges: set[asyncio.Task[None]] = set()

    async def receive(self, event: Inbound) -> None:
        """Raises: UserError - a click on something that does not exist; nothing was stored."""
        self._turns.arrived()
        if isinstance(event, Clicked) and event.verb in _DECIDING:
            await self._decide(event)
        else:
            await self._inbox.put(event)
            self._received.add(event.thread)
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

    async def waiting_for(self, person: PrincipalId) -> tuple[Summary, ...]:
        return await self._view.waiting_for(person)

    async def thread_of(self, deployment: DeploymentId) -> ThreadId | None:
        return await self._view.thread_of(deployment)

    async def show(self, thread: ThreadId, what: str) -> Mapping[str, Any]:
        return await self._view.show(thread, what)

    async def resume(self, *, idle_s: float = 0.0) -> None:
        """Answer what was received that long ago and not answered, e.g. because its process died;
        call it at the start and now and then."""
        for thread in await self._inbox.waiting():
            self._see_to(thread, idle_s=idle_s)

    async def ended(self, within_s: float) -> None:
        """Return when what was received here is answered and spoken, or after that long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._tasks:
                    await asyncio.wait(self._tasks.values())
                await self._delivery.settled()

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

    def _see_to(self, thread: ThreadId, *, idle_s: float = 0.0) -> None:
        self._news[thread] = min(idle_s, self._news.get(thread, idle_s))
        if thread not in self._tasks:
            self._tasks[thread] = asyncio.create_task(self._work(thread), name=f"turns {thread}")

    async def _work(self, thread: ThreadId) -> None:
        """Answer what waits, until nothing has come since it was last looked for."""
        try:
            while thread in self._news:
                idle_s = self._news.pop(thread)
                async with self._turns.one():
                    pause = await self._round(thread, idle_s)
                if pause:
                    self._news.setdefault(thread, 0.0)
                    await asyncio.sleep(pause)
        finally:
            del self._tasks[thread]

    async def _round(self, thread: ThreadId, idle_s: float) -> float:
        """Answer what waits now; in how many seconds to go on if something is left, else 0."""
        just_received = thread in self._received
        self._received.discard(thread)
        try:
            seen = await self._heads.look(thread, session=just_received)
        except TemporaryError as error:
            _log.warning("inbox_postponed", extra={"fields": {"thread": thread}}, exc_info=True)
            return error.retry_after_s
        recent = self._clock.now() - timedelta(seconds=idle_s)
        if not seen.waiting or (idle_s and seen.waiting[0].arrived > recent):
            return 0.0
        if self._heads.held_elsewhere(seen.head):
            return _HELD_ELSEWHERE_S
        for entry in seen.waiting:
            if pause := await self._answer(seen.head, entry):
                return pause
        return 0.0

    async def _answer(self, head: Head, entry: Entry) -> float:
        """In how many seconds it is to be tried again; 0 when it is answered."""
        fields = {"thread": head.thread}
        try:
            with correlated(entry.event.event), _measured(entry) as timed:
                timed.outcome = await self._turn(head, entry)
        except Overtaken:
            return _AGAIN_S
        except TemporaryError as error:
            _log.warning("turn_postponed", extra={"fields": fields}, exc_info=True)
            return error.retry_after_s
        except Exception:
            _log.exception("turn_stuck", extra={"fields": fields})
            return _STUCK_S
        return 0.0

    async def _turn(self, head: Head, entry: Entry) -> str:
        """How it ended, as it is measured."""
        try:
            await self._held_when_long(head, self._conversation.turn(head, entry))
        except TemporaryError:
            raise
        except Conflict as error:
            if not await self._heads.answered(head.thread, entry.event.event):
                raise Overtaken(f"answering in {head.thread!r}: another process did") from error
            await self._inbox.done(entry)
        except Exception:
            measures.failed("fault", "turn")
            await self._give_up(head, entry)
            return "given_up"
        return "ok"

    async def _held_when_long(self, head: Head, turn: Coroutine[Any, Any, None]) -> None:
        """Do the turn; others are told to wait for it when it takes more than a moment."""
        task = asyncio.create_task(turn)
        try:
            while not (await asyncio.wait([task], timeout=_MOMENT_S))[0]:
                try:
                    await self._heads.hold(head)
                except Overtaken:
                    raise
                except TemporaryError:  # they may do the same meanwhile; one of us will be first
                    _log.warning("not_held", extra={"fields": {"thread": head.thread}})
            await task
        except BaseException:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise

    async def _give_up(self, head: Head, entry: Entry) -> None:
        """A fault of our own must not silence the thread: the person gets an incident id."""
        incident = uuid4().hex[:8]
        fields = {"incident": incident, "thread": head.thread}
        _log.exception("turn_failed", extra={"fields": fields})
        await self._conversation.give_up(head, entry, incident)


@contextmanager
def _measured(entry: Entry) -> Iterator[measures.Timing]:
    """A turn is in the trace of the deployment that it may make."""
    leg = tracing.about(subject_of(entry.event), "turn")
    with leg, measures.timing(measures.turn_ended) as timed:
        try:
            yield timed
        except Overtaken:
            timed.outcome = "overtaken"
            raise
        except TemporaryError:
            timed.outcome = "postponed"
            measures.failed("temporary", "turn")
            raise
