"""Several surfaces as one: a thread's id says where it is."""

from collections.abc import Sequence

from bot.front import Front
from orchestration.cards.model import Card
from orchestration.errors import PermanentError
from orchestration.messages import Notice, Reply, ThreadId
from orchestration.surface import MessageId, Surface


class Fronts:
    """`surface.Surface` over those of the fronts."""

    def __init__(self, fronts: Sequence[Front]) -> None:
        self._surfaces = {front.scheme: front.surface for front in fronts}

    async def say(self, thread: ThreadId, reply: Reply, *, key: str) -> None:
        await self._of(thread).say(thread, reply, key=key)

    async def notify(self, thread: ThreadId, notice: Notice, *, key: str) -> None:
        await self._of(thread).notify(thread, notice, key=key)

    async def post(self, thread: ThreadId, card: Card, *, key: str) -> MessageId:
        return await self._of(thread).post(thread, card, key=key)

    async def update(self, thread: ThreadId, message: MessageId, card: Card) -> None:
        await self._of(thread).update(thread, message, card)

    async def sent(self, thread: ThreadId, key: str, *, notice: bool = False) -> MessageId | None:
        return await self._of(thread).sent(thread, key, notice=notice)

    def card_interval_s(self, thread: ThreadId) -> float:
        return self._of(thread).card_interval_s(thread)

    def _of(self, thread: ThreadId) -> Surface:
        """Raises: PermanentError - no surface that is configured has such threads."""
        scheme = thread.partition(":")[0]
        if scheme not in self._surfaces:
            raise PermanentError(f"speaking in {thread!r}: {scheme!r} is not configured")
        return self._surfaces[scheme]
