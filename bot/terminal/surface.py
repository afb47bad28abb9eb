"""The terminal as a surface: what is to be said goes onto the board and to a screen."""

from typing import Protocol

from bot.terminal.board import Board
from bot.terminal.memory import Memory
from orchestration.cards.model import Card
from orchestration.messages import Notice, Reply, ThreadId
from orchestration.surface import MessageId

_CARD_INTERVAL_S = 1.0


class Screen(Protocol):
    """Draws. Calls come one after another, and a card is always drawn in its newest version."""

    def message(self, thread: ThreadId, reply: Reply) -> None: ...

    def notice(self, notice: Notice) -> None: ...

    def card(self, thread: ThreadId, card: Card, version: int) -> None: ...

    def update(self, thread: ThreadId, card: Card, version: int) -> None: ...


class TerminalSurface:
    """surface.Surface on a screen. A card's message id is its own id, so that a card updated after
    a restart is found, or shown anew where this process has not shown it yet. An update that
    changes nothing is not drawn."""

    def __init__(self, board: Board, screen: Screen, memory: Memory) -> None:
        self._board = board
        self._screen = screen
        self._memory = memory
        for thread, cards in memory.kept().items():
            for card in cards:
                board.post(thread, card)

    async def say(self, thread: ThreadId, reply: Reply, *, key: str) -> None:
        if reply.choices:
            self._board.offer(thread, reply.text, reply.choices)
        self._screen.message(thread, reply)

    async def notify(self, thread: ThreadId, notice: Notice, *, key: str) -> None:
        self._screen.notice(notice)

    async def post(self, thread: ThreadId, card: Card, *, key: str) -> MessageId:
        self._board.post(thread, card)
        self._memory.keep(thread, self._board.oldest_first(thread))
        self._screen.card(thread, card, self._board.version(thread, card.id))
        return MessageId(card.id)

    async def update(self, thread: ThreadId, message: MessageId, card: Card) -> None:
        if self._board.newest(thread, card.id) == card:
            return
        known = self._board.update(thread, card)
        self._memory.keep(thread, self._board.oldest_first(thread))
        draw = self._screen.update if known else self._screen.card
        draw(thread, card, self._board.version(thread, card.id))

    async def sent(self, thread: ThreadId, key: str, *, notice: bool = False) -> MessageId | None:
        return None

    def card_interval_s(self, thread: ThreadId) -> float:
        return _CARD_INTERVAL_S
