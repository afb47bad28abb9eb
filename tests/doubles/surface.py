"""A surface that keeps what it was given, and can be down."""

from orchestration.cards.model import Card
from orchestration.errors import SignoffError, TemporaryError
from orchestration.messages import Notice, Reply, ThreadId
from orchestration.surface import MessageId


class FakeSurface:
    """Satisfies `Surface`. `said` is everything, in order; `cards` what the screen shows."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.cards: dict[str, Card] = {}
        self.keys: dict[str, MessageId] = {}
        self.failing: list[SignoffError | None] = []
        """Raised one after the other before anything is sent; None lets one pass."""
        self.answers_lost = 0
        """How many of the next messages are sent, and nobody learns of it."""

    def down(self, times: int = 1) -> None:
        self.failing += [TemporaryError("the surface is down", retry_after_s=1.0)] * times

    async def say(self, thread: ThreadId, reply: Reply, *, key: str) -> None:
        self._fail()
        self.said.append(f"{thread}: {reply.text}")
        self.keys[key] = MessageId(key)
        self._lose_the_answer()

    async def notify(self, thread: ThreadId, notice: Notice, *, key: str) -> None:
        self._fail()
        self.said.append(f"{notice.channel}: {notice.text}")
        self.keys[key] = MessageId(key)
        self._lose_the_answer()

    async def post(self, thread: ThreadId, card: Card, *, key: str) -> MessageId:
        self._fail()
        message = f"m{len(self.cards)}"
        self.said.append(f"{thread}: post {card.lead}")
        self.cards[message] = card
        self.keys[key] = MessageId(message)
        self._lose_the_answer()
        return MessageId(message)

    async def update(self, thread: ThreadId, message: MessageId, card: Card) -> None:
        self._fail()
        self.said.append(f"{thread}: update {card.lead}")
        self.cards[message.value] = card

    async def sent(self, thread: ThreadId, key: str, *, notice: bool = False) -> MessageId | None:
        return self.keys.get(key)

    def card_interval_s(self, thread: ThreadId) -> float:
        return 1.0

    def _lose_the_answer(self) -> None:
        if self.answers_lost:
            self.answers_lost -= 1
            raise TemporaryError("the surface hung up", retry_after_s=1.0)

    def _fail(self) -> None:
        failure = self.failing.pop(0) if self.failing else None
        if failure:
            raise failure
