"""Sends what waits in outboxes to a surface, in order, each entry at least once.

A message whose sending may have worked is looked for before it is sent again; where the surface
cannot tell, it is sent twice rather than not at all. Nothing else can double, and nothing is lost.
A card that is on the screen is updated, at most once in the surface's `card_interval_s`; what came
in between is not shown, the last state always is. While the surface is not there, everything after
the first message that could not be sent waits. A message that nobody can ever send (the card's
deployment is gone, the surface refuses it) is logged and dropped, or it would silence its thread.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeAlias, assert_never
from weakref import WeakValueDictionary

from orchestration import outbox, shown
from orchestration.backlog import Place
from orchestration.cards.model import Card
from orchestration.errors import PermanentError, TemporaryError
from orchestration.messages import Notice, Reply, ThreadId
from orchestration.outbox import CardRef, Entry
from orchestration.ports import Clock, Store
from orchestration.surface import MessageId, Surface

_REMEMBERED = 1000
Render: TypeAlias = Callable[[CardRef], Awaitable[Card]]

_log = logging.getLogger(__name__)


class Speaker:
    """Speaks for one process; for a thread, one message after the other."""

    def __init__(self, store: Store, surface: Surface, render: Render, clock: Clock) -> None:
        self._store = store
        self._surface = surface
        self._render = render
        self._clock = clock
        self._updated: dict[tuple[ThreadId, CardRef], datetime] = {}
        self._shown: dict[tuple[ThreadId, CardRef], MessageId] = {}
        self._doubtful: set[str] = set()
        self._locks: WeakValueDictionary[object, asyncio.Lock] = WeakValueDictionary()

    async def speak(self, place: Place, *, resumed: bool = False) -> float | None:
        """Send what waits there now; None, or in how many seconds a card may be updated again.

        What is stored meanwhile may have to be spoken by another call. `resumed`: another process
        may have sent some of it.

        Raises: TemporaryError - the surface or the store is not there; the rest still waits.
        """
        async with self._lock(place):
            while True:
                entries = await outbox.pending(self._store, place)
                if resumed:
                    self._doubtful |= {_key(place, entry) for entry in entries}
                waits = await self._round(place, entries)
                if waits or len(entries) < outbox.AT_ONCE:
                    return max(waits, default=None)

    async def _round(self, place: Place, entries: list[Entry]) -> list[float]:
        """Send the entries. A card is rendered once, which does for all entries that show it."""
        waits: list[float] = []
        sent: set[tuple[ThreadId, CardRef]] = set()
        last = {(e.thread, e.message): e.id for e in entries if isinstance(e.message, CardRef)}
        for entry in entries:
            if isinstance(entry.message, CardRef):
                card = (entry.thread, entry.message)
                wait = self._wait(*card)
                if wait and card not in sent and last[card] == entry.id:
                    waits.append(wait)
                    continue
                if not wait and card not in sent:
                    await self._send(place, entry)
                    sent.add(card)
            else:
                await self._send(place, entry)
            await outbox.spoken(self._store, place, entry)
        return waits

    def _wait(self, thread: ThreadId, card: CardRef) -> float:
        """The seconds until the card may be updated; 0 if it may be now."""
        now, interval = self._clock.now(), self._interval(thread)
        due = self._updated.get((thread, card), now - interval) + interval
        return max(0.0, (due - now).total_seconds())

    def _interval(self, thread: ThreadId) -> timedelta:
        return timedelta(seconds=self._surface.card_interval_s(thread))

    async def _send(self, place: Place, entry: Entry) -> None:
        key = _key(place, entry)
        async with self._lock(entry.thread):
            try:
                await self._deliver(entry, key)
            except TemporaryError:
                self._doubtful.add(key)
                raise
            except Exception:
                fields = {"thread_id": entry.thread, "entry": entry.id}
                _log.exception("message_dropped", extra={"fields": fields})
        self._doubtful.discard(key)

    async def _deliver(self, entry: Entry, key: str) -> None:
        match entry.message:
            case Reply() as reply:
                if not await self._sent(entry, key):
                    await self._surface.say(entry.thread, reply, key=key)
            case Notice() as notice:
                if not await self._sent(entry, key):
                    await self._surface.notify(entry.thread, notice, key=key)
            case CardRef() as card:
                await self._show(entry, card, key)
            case _:
                assert_never(entry.message)

    async def _sent(self, entry: Entry, key: str) -> MessageId | None:
        """What an attempt whose outcome is unknown has sent."""
        if key not in self._doubtful:
            return None
        in_channel = isinstance(entry.message, Notice)
        return await self._surface.sent(entry.thread, key, notice=in_channel)

    async def _show(self, entry: Entry, ref: CardRef, key: str) -> None:
        thread = entry.thread
        card = await self._render(ref)
        message = self._shown.get((thread, ref))
        message = message or await shown.message_of(self._store, thread, ref)
        if message is None and (message := await self._sent(entry, key)):
            await shown.record(self._store, thread, ref, message)
        if message is None or not await self._update(thread, message, card):
            message = await self._surface.post(thread, card, key=key)
            await shown.record(self._store, thread, ref, message)
        self._note(thread, ref, message)

    async def _update(self, thread: ThreadId, message: MessageId, card: Card) -> bool:
        """False if the message is gone, e.g. because somebody deleted it."""
        try:
            await self._surface.update(thread, message, card)
        except PermanentError:
            fields = {"thread_id": thread, "card": card.id}
            _log.warning("card_posted_again", extra={"fields": fields}, exc_info=True)
            return False
        return True

    def _note(self, thread: ThreadId, card: CardRef, message: MessageId) -> None:
        """Remember when and where the card was shown; of many, those that matter soon."""
        now = self._clock.now()
        if len(self._updated) > _REMEMBERED:
            recent = (k for k, at in self._updated.items() if now - at < self._interval(k[0]))
            self._updated = {k: self._updated[k] for k in recent}
            self._shown = {k: self._shown[k] for k in self._updated}
        self._updated[thread, card] = now
        self._shown[thread, card] = message

    def _lock(self, of: object) -> asyncio.Lock:
        return self._locks.setdefault(of, asyncio.Lock())


def _key(place: Place, entry: Entry) -> str:
    """Names the message on whatever surface; 32 hexadecimal digits."""
    return sha256(f"{place.container}/{place.partition}/{entry.id}".encode()).hexdigest()[:32]
