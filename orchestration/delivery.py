"""Keeps a speaker speaking: on a nudge, after a pause, when the surface is back, after a crash."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from orchestration import outbox
from orchestration.errors import TemporaryError
from orchestration.measures import Timing, outboxes_waiting, waited_in_outbox
from orchestration.outbox import Entry
from orchestration.paging import all_waiting
from orchestration.places import Claim, Place, claimed
from orchestration.ports import Clock, Store
from orchestration.speaker import Speaker

MOST_PATIENT_S = 60.0
CONTAINERS = ("threads", "deployments")
"""Those with outboxes."""
Sleep: TypeAlias = Callable[[float], Awaitable[object]]

_log = logging.getLogger(__name__)


class Delivery:
    """At most one task for a place, and it ends when nothing waits there."""

    def __init__(self, speaker: Speaker, store: Store, *, sleep: Sleep = asyncio.sleep) -> None:
        self._speaker = speaker
        self._store = store
        self._sleep = sleep
        self._tasks: dict[Place, asyncio.Task[None]] = {}
        self._news: dict[Place, asyncio.Event] = {}
        self._known: dict[Place, list[Entry]] = {}
        self._unknown: set[Place] = set()
        self._resumed: set[Place] = set()

    def nudge(self, place: Place, entry: Entry | None = None) -> None:
        """See to it soon that what waits in `place` is sent; a pause is cut short. `entry` is all
        that is new there, by whomever it is to be spoken, if that is known."""
        if entry:
            self._known.setdefault(place, []).append(entry)
        else:
            self._unknown.add(place)
        self._news.setdefault(place, asyncio.Event()).set()
        if place not in self._tasks:
            self._tasks[place] = asyncio.create_task(self._work(place), name=f"speak {place}")

    async def resume(self) -> None:
        """Go on with what another run left; call it at the start and now and then."""
        for container in CONTAINERS:
            found = await all_waiting(self._store, container, outbox.WAITS)
            outboxes_waiting(container, len(found))
            for partition in found:
                place = Place(container, partition)
                if place not in self._tasks:
                    self._resumed.add(place)
                self.nudge(place)

    async def settled(self) -> None:
        """Return when nothing waits any more anywhere that was nudged."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def stop(self) -> None:
        """Stop where it is; what was not sent is sent by `resume` of the next run."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    async def _work(self, place: Place) -> None:
        news, failures, waiting = self._news[place], 0, Timing()
        try:
            while True:
                news.clear()
                pause, failures = await self._attempt(place, failures)
                if pause is not None:
                    await self._pause(pause, news)
                    continue
                waited_in_outbox(place.container, waiting.seconds)
                waiting = Timing()
                if not news.is_set():
                    return
        finally:
            for kept in (self._tasks, self._news, self._known):
                kept.pop(place, None)
            self._unknown.discard(place)

    async def _attempt(self, place: Place, failures: int) -> tuple[float | None, int]:
        """The seconds to pause (None when nothing waits any more), and the failures in a row."""
        fields = {"place": place, "failures": failures}
        resumed, known = place in self._resumed, self._known.pop(place, [])
        if place in self._unknown:
            known = []
        self._unknown.discard(place)
        try:
            pause = await self._speaker.speak(place, known, resumed=resumed)
            self._resumed.discard(place)
            if pause is not None:
                self._unknown.add(place)
            return pause, 0
        except TemporaryError as error:
            self._unknown.add(place)
            _log.warning("speaking_paused", extra={"fields": fields}, exc_info=True)
            return min(error.retry_after_s * 2**failures, MOST_PATIENT_S), min(failures + 1, 16)
        except Exception:
            self._unknown.add(place)
            _log.exception("speaking_failed", extra={"fields": fields})
            return MOST_PATIENT_S, failures

    async def _pause(self, seconds: float, news: asyncio.Event) -> None:
        """Wait that long, or until there is something new to say."""
        waits = [asyncio.ensure_future(self._sleep(seconds)), asyncio.create_task(news.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


class OwnVoice:
    """`outbox.Voice` of a process that speaks itself."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._nudge: Callable[[Place, Entry | None], None] = _nobody

    def speaks_by(self, delivery: Delivery) -> None:
        self._nudge = delivery.nudge

    async def claim(self, place: Place) -> Claim:
        return claimed(self._name, self._clock.now())

    def tell(self, place: Place, entry: Entry, *, alone: bool) -> None:
        self._nudge(place, entry if alone else None)


def _nobody(place: Place, entry: Entry | None) -> None:
    """It is found when delivery begins."""


@asynccontextmanager
async def delivering(
    speaker: Speaker, store: Store, *, sleep: Sleep = asyncio.sleep
) -> AsyncIterator[Delivery]:
    """Delivery that goes on with what was left, until it is left itself."""
    delivery = Delivery(speaker, store, sleep=sleep)
    await delivery.resume()
    try:
        yield delivery
    finally:
        await delivery.stop()
