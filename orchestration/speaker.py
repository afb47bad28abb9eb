"""Sends what waits in outboxes to a surface, in order, each message at least once.

What waits was given to one process; another one takes it over only when that has let its claim run
out. A message whose sending may have worked is looked for before it is sent again; where the
surface cannot tell, it is sent twice rather than not at all. Nothing else can double, and nothing
is lost. A card that is on the screen is updated, by each process at most once in the surface's
`card_interval_s`; what came in between is not shown, the last state always is. While the surface is
not there, everything after the first message that could not be sent waits. A message that nobody
can ever send (the card's deployment is gone, the surface refuses it) is logged and dropped, or it
would silence its thread.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol, TypeAlias, assert_never
from weakref import WeakValueDictionary

from orchestration import outbox, shown
from orchestration.cards.model import Card
from orchestration.errors import PermanentError, TemporaryError
from orchestration.messages import Notice, Reply, ThreadId
from orchestration.outbox import CardRef, Entry, Message
from orchestration.places import CLAIM_S, Place, claimed
from orchestration.ports import Clock, Put, Store
from orchestration.recent import Recent
from orchestration.surface import MessageId, Surface

_REMEMBERED = 1000
ELSEWHERE_S = 0.3
LONG_ELSEWHERE_S = 3.0
"""How soon to look again whether another process has spoken what comes first; when it is late."""
_LOOKS = 3
_Posted: TypeAlias = dict[CardRef, MessageId]

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Round:
    """What one call of `speak` has done in a place so far."""

    place: Place
    last: dict[CardRef, Entry]
    """The last entry for each card; what is shown for an earlier one is as new as that."""
    resumed: bool
    """Whether another process may have sent some of it."""
    sent: set[CardRef] = field(default_factory=set)
    waits: list[float] = field(default_factory=list)


class Render(Protocol):
    async def __call__(self, ref: CardRef, version: int | None = None) -> Card:
        """A card as it is now; as it was at that version or later will do."""
        ...


class Speaker:
    """Speaks for one process, `name`; for a thread, one message after the other."""

    def __init__(
        self, store: Store, surface: Surface, render: Render, clock: Clock, name: str
    ) -> None:
        self._store = store
        self._surface = surface
        self._render = render
        self._clock = clock
        self._name = name
        self._updated: dict[tuple[ThreadId, CardRef], datetime] = {}
        self._shown: dict[tuple[ThreadId, CardRef], MessageId] = {}
        self._doubtful: set[str] = set()
        self._sent: set[str] = set()
        self._spoken: Recent[str, bool] = Recent()
        self._locks: WeakValueDictionary[object, asyncio.Lock] = WeakValueDictionary()

    async def speak(
        self, place: Place, known: Sequence[Entry] = (), *, resumed: bool = False
    ) -> float | None:
        """Send what waits there now; None, or in how many seconds to go on with what is left.

        `known` is what waits, if that is known. What is stored meanwhile may have to be spoken by
        another call. `resumed`: another process may have sent some of it.

        Raises: TemporaryError - the surface or the store is not there; the rest still waits.
        """
        async with self._lock(place):
            left = [entry for entry in known if not self._spoken.get(_name(place, entry), 0)]
            if known and not left:
                return None  # it was pending when that was looked up
            while True:
                entries = left or await outbox.pending(self._store, place)
                run = _Round(place, _last_of_each(entries), resumed)
                all_spoken = await self._speak(run, entries)
                if run.waits or not all_spoken or known or len(entries) < outbox.AT_ONCE:
                    return max(run.waits, default=None)

    async def _speak(self, run: _Round, entries: Sequence[Entry]) -> bool:
        """Send the entries, up to the first one that is another process's: False if there is one.
        A card is rendered once, which does for all entries that show it."""
        for number, entry in enumerate(entries):
            if entry.claim.binds(self._name, self._clock.now()):
                if any(e.claim.speaker == self._name for e in entries[number:]):
                    run.waits.append(self._elsewhere_s(entry))
                return False
            async with self._lock(entry.thread):
                ours = await self._speak_entry(run, entry)
            if not ours:
                run.waits.append(ELSEWHERE_S)
                return False
        return True

    def _elsewhere_s(self, entry: Entry) -> float:
        """The longer another process has had it, the later it is looked at again."""
        age_s = CLAIM_S - (entry.claim.until - self._clock.now()).total_seconds()
        looked_s = LONG_ELSEWHERE_S if entry.claim.renewed else age_s / 10
        return min(max(looked_s, ELSEWHERE_S), LONG_ELSEWHERE_S)

    async def _own(self, run: _Round, entry: Entry) -> Entry | None:
        """The entry with a claim that lasts; None when another process has changed it."""
        now = self._clock.now()
        if entry.claim.lasts(self._name, now):
            return entry
        claim = replace(claimed(self._name, now), renewed=True)
        owned = await outbox.kept(self._store, run.place, replace(entry, claim=claim))
        if owned and entry.claim.speaker not in ("", self._name):
            self._doubt(run.place, owned)
        return owned

    async def _speak_entry(self, run: _Round, entry: Entry) -> bool:
        """Send its messages, but for a card that may not be updated yet; note what was sent.
        False if another process has taken it over."""
        left: dict[int, Message] = {}
        posted: _Posted = {}
        if run.resumed:
            self._doubt(run.place, entry)
        try:
            for number, message in entry.messages.items():
                owned = await self._own(run, entry)
                if owned is None:
                    await self._note_shown(entry, posted)
                    return False
                entry = owned
                if isinstance(message, CardRef) and not self._due(run, entry, message):
                    if run.last[message].id == entry.id and message not in run.sent:
                        left[number] = message
                    continue
                sent = await self._send(run, entry, number, message, posted)
                if sent and isinstance(message, CardRef):
                    run.sent.add(message)
        except TemporaryError:
            await self._note(run.place, entry, self._unsent(run.place, entry), posted)
            raise
        if not await self._note(run.place, entry, left, posted):
            run.waits += await self._shown_again(run, entry)
        if left:
            run.waits.append(max(self._wait(entry.thread, c) for c in left.values()))
        return True

    def _due(self, run: _Round, entry: Entry, card: CardRef) -> bool:
        return card not in run.sent and not self._wait(entry.thread, card)

    def _unsent(self, place: Place, entry: Entry) -> dict[int, Message]:
        found = entry.messages.items()
        return {n: m for n, m in found if _key(place, entry, n) not in self._sent}

    async def _note(
        self, place: Place, entry: Entry, left: dict[int, Message], posted: _Posted
    ) -> bool:
        """Store what is left to be sent, and which messages show cards; False if another process
        has sent the entry meanwhile."""
        sent = {_key(place, entry, number) for number in entry.messages.keys() - left.keys()}
        if left:
            if sent:
                await outbox.kept(self._store, place, replace(entry, messages=left))
            await self._note_shown(entry, posted)
            alone = True
        else:
            here = _notes(entry, posted, at=place)
            await self._note_shown(entry, posted, but=place)
            alone = await outbox.spoken(self._store, place, entry, here)
            self._spoken.put(_name(place, entry), 0, True)
        self._sent -= sent
        self._doubtful -= sent
        return alone

    async def _note_shown(self, entry: Entry, posted: _Posted, *, but: Place | None = None) -> None:
        """Note where cards are shown, each in its own place."""
        for place in {shown.place_of(entry.thread, card) for card in posted} - {but}:
            if place and (writes := _notes(entry, posted, at=place)):
                await outbox.noted(self._store, place, writes)

    async def _shown_again(self, run: _Round, entry: Entry) -> list[float]:
        """Put the entry's cards last into the outbox: the other process may have shown something
        newer before what was on its way from here, e.g. because this one was frozen."""
        claim = claimed(self._name, self._clock.now())
        for card in run.sent & set(entry.messages.values()):
            again = outbox.latest_write(entry.thread, card, claim)
            await outbox.noted(self._store, run.place, [again])
        return [self._wait(entry.thread, card) for card in run.sent]

    def _wait(self, thread: ThreadId, card: Message) -> float:
        """The seconds until the card may be updated; 0 if it may be now."""
        now, interval = self._clock.now(), self._interval(thread)
        if not isinstance(card, CardRef):
            return 0.0
        due = self._updated.get((thread, card), now - interval) + interval
        return max(0.0, (due - now).total_seconds())

    def _interval(self, thread: ThreadId) -> timedelta:
        return timedelta(seconds=self._surface.card_interval_s(thread))

    async def _send(
        self, run: _Round, entry: Entry, number: int, message: Message, posted: _Posted
    ) -> bool:
        """False if it was sent before and only could not be noted."""
        key = _key(run.place, entry, number)
        if key in self._sent:
            return False
        ours_s = (entry.claim.until - self._clock.now()).total_seconds()
        try:
            async with asyncio.timeout(ours_s):
                await self._deliver(run, entry, message, key, posted)
        except TimeoutError as error:
            self._doubtful.add(key)
            raise TemporaryError(f"speaking in {entry.thread!r}: over {ours_s:.0f} s") from error
        except TemporaryError:
            self._doubtful.add(key)
            raise
        except Exception:
            fields = {"thread_id": entry.thread, "entry": entry.id}
            _log.exception("message_dropped", extra={"fields": fields})
        self._doubtful.discard(key)
        self._sent.add(key)
        return True

    async def _deliver(
        self, run: _Round, entry: Entry, message: Message, key: str, posted: _Posted
    ) -> None:
        match message:
            case Reply():
                if not await self._found(entry, message, key):
                    await self._surface.say(entry.thread, message, key=key)
            case Notice():
                if not await self._found(entry, message, key):
                    await self._surface.notify(entry.thread, message, key=key)
            case CardRef() if _in_order(run.place, entry, message):
                card = await self._render(message, run.last[message].order)
                await self._show(entry, message, key, card, posted)
            case CardRef():
                await self._show_beside(entry, message, key, posted)
            case _:
                assert_never(message)

    async def _found(self, entry: Entry, message: Message, key: str) -> MessageId | None:
        """What an attempt whose outcome is unknown has sent."""
        if key not in self._doubtful:
            return None
        in_channel = isinstance(message, Notice)
        return await self._surface.sent(entry.thread, key, notice=in_channel)

    async def _show(
        self, entry: Entry, ref: CardRef, key: str, card: Card, posted: _Posted
    ) -> None:
        thread = entry.thread
        message = self._shown.get((thread, ref))
        if message is None and not (ref.first and key not in self._doubtful):
            message = await shown.message_of(self._store, thread, ref)
        if message is None and (message := await self._found(entry, ref, key)):
            posted[ref] = message
        if message is None or not await self._update(thread, message, card):
            message = posted[ref] = await self._surface.post(thread, card, key=key)
        self._remember(thread, ref, message)

    async def _show_beside(self, entry: Entry, ref: CardRef, key: str, posted: _Posted) -> None:
        """Show a card that another process may be showing at this moment: whoever is later must
        not leave what was so before."""
        card = await self._render(ref)
        await self._show(entry, ref, key, card, posted)
        for _ in range(_LOOKS if shown.is_kept(ref) else 0):
            shown_card, card = card, await self._render(ref)
            if card == shown_card:
                return
            await self._show(entry, ref, key, card, posted)

    async def _update(self, thread: ThreadId, message: MessageId, card: Card) -> bool:
        """False if the message is gone, e.g. because somebody deleted it."""
        try:
            await self._surface.update(thread, message, card)
        except PermanentError:
            fields = {"thread_id": thread, "card": card.id}
            _log.warning("card_posted_again", extra={"fields": fields}, exc_info=True)
            return False
        return True

    def _remember(self, thread: ThreadId, card: CardRef, message: MessageId) -> None:
        """When and where the card was shown; of many, those that matter soon."""
        now = self._clock.now()
        if len(self._updated) > _REMEMBERED:
            recent = (k for k, at in self._updated.items() if now - at < self._interval(k[0]))
            self._updated = {k: self._updated[k] for k in recent}
            self._shown = {k: self._shown[k] for k in self._updated}
        self._updated[thread, card] = now
        self._shown[thread, card] = message

    def _doubt(self, place: Place, entry: Entry) -> None:
        """Another process may have sent its messages."""
        self._doubtful |= {_key(place, entry, number) for number in entry.messages} - self._sent

    def _lock(self, of: object) -> asyncio.Lock:
        return self._locks.setdefault(of, asyncio.Lock())


def _last_of_each(entries: Sequence[Entry]) -> dict[CardRef, Entry]:
    cards = ((m, e) for e in entries for m in e.messages.values() if isinstance(m, CardRef))
    return dict(cards)


def _notes(entry: Entry, posted: _Posted, *, at: Place) -> list[Put]:
    """Of the cards whose own place that is."""
    return [
        shown.shown_write(entry.thread, card, message)
        for card, message in posted.items()
        if shown.is_kept(card) and shown.place_of(entry.thread, card) == at
    ]


def _in_order(place: Place, entry: Entry, card: CardRef) -> bool:
    """Whether whoever shows something newer on the card waits until the entry has been spoken."""
    return _is_home(place, card) and not entry.is_latest and not entry.claim.renewed


def _is_home(place: Place, card: CardRef) -> bool:
    """Whether the versions of the place's outbox are those of the card."""
    homes = {"deployment": "deployments", "draft": "threads"}
    return homes.get(card.kind) == place.container


def _key(place: Place, entry: Entry, number: int) -> str:
    """Names the message on whatever surface; 32 hexadecimal digits."""
    return sha256(f"{_name(place, entry)}/{number}".encode()).hexdigest()[:32]


def _name(place: Place, entry: Entry) -> str:
    which = f"{entry.id}/{entry.etag}" if entry.is_latest else entry.id
    return f"{place.container}/{place.partition}/{which}"
