"""Where people read: what an adapter of a chat promises."""

from dataclasses import dataclass
from typing import Protocol

from orchestration.cards.model import Card
from orchestration.messages import Notice, Reply, ThreadId


@dataclass(frozen=True, slots=True)
class MessageId:
    value: str


class Surface(Protocol):
    """Where people read. Each call may raise TemporaryError; it is then repeated later.

    What is new is sent under a `key`, the same one when it is repeated. After an attempt whose
    outcome is unknown, `sent` is asked before it is repeated.
    """

    async def say(self, thread: ThreadId, reply: Reply, *, key: str) -> None: ...

    async def notify(self, thread: ThreadId, notice: Notice, *, key: str) -> None:
        """Tell the channel about what was asked for in the thread."""
        ...

    async def post(self, thread: ThreadId, card: Card, *, key: str) -> MessageId: ...

    async def update(self, thread: ThreadId, message: MessageId, card: Card) -> None:
        """Raises: PermanentError - the message is gone, e.g. because somebody deleted it."""
        ...

    async def sent(self, thread: ThreadId, key: str, *, notice: bool = False) -> MessageId | None:
        """What was sent under the key; None when it was not, or the surface cannot tell."""
        ...

    def card_interval_s(self, thread: ThreadId) -> float:
        """The least time between two updates of one card there."""
        ...
