"""Answers from elsewhere that hold for a while."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from orchestration.errors import TemporaryError
from orchestration.ports import Clock

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Holding:
    """How long an answer holds.

    For `fresh_s` it is not asked for again. Until `stale_s` it stands in when there is no answer
    within `patience_s`, and then for `rest_s` nobody has to wait again.
    """

    fresh_s: float
    stale_s: float = 0.0
    patience_s: float = 0.0
    rest_s: float = 0.0


@dataclass(slots=True)
class _Kept(Generic[Value]):
    value: Value
    at: datetime
    tried: datetime


class Remembered(Generic[Key, Value]):
    """One question per key is in flight, however many wait for its answer."""

    def __init__(
        self,
        ask: Callable[[Key], Awaitable[Value]],
        clock: Clock,
        holding: Holding,
        *,
        most: int = 10_000,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._holding = holding
        self._most = most
        self._kept: dict[Key, _Kept[Value]] = {}
        self._asking: dict[Key, asyncio.Task[Value]] = {}

    async def of(self, key: Key) -> Value:
        """Raises: TemporaryError - there is no answer now, nor one that still holds."""
        kept = self._kept.get(key)
        if kept is None:
            return await asyncio.shield(self._asked(key))
        age_s = self._since(kept.at)
        if age_s < self._holding.fresh_s:
            return kept.value
        if age_s >= self._holding.stale_s:
            return await asyncio.shield(self._asked(key))
        return await self._renewed(key, kept)

    def forget(self) -> None:
        """What is asked for from now on is asked anew."""
        self._kept.clear()

    async def close(self) -> None:
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _renewed(self, key: Key, kept: _Kept[Value]) -> Value:
        """The new answer if it comes soon, else the old one."""
        if kept.tried > kept.at and self._since(kept.tried) < self._holding.rest_s:
            return kept.value
        asked = self._asked(key)
        done, _ = await asyncio.wait({asked}, timeout=self._holding.patience_s)
        if done and not asked.cancelled() and asked.exception() is None:
            return asked.result()
        kept.tried = self._clock.now()
        if done and not isinstance(asked.exception(), TemporaryError):
            return asked.result()
        logger.warning("directory.stale", extra={"fields": {"age_s": self._since(kept.at)}})
        return kept.value

    def _asked(self, key: Key) -> asyncio.Task[Value]:
        if key not in self._asking:
            task = self._asking[key] = asyncio.create_task(self._answer(key))
            task.add_done_callback(lambda done: self._answered(key, done))
        return self._asking[key]

    async def _answer(self, key: Key) -> Value:
        at = self._clock.now()
        value = await self._ask(key)
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[key] = _Kept(value, at, at)
        return value

    def _answered(self, key: Key, task: asyncio.Task[Value]) -> None:
        del self._asking[key]
        if not task.cancelled():
            task.exception()  # seen, even when nobody waits for it any more

    def _since(self, at: datetime) -> float:
        return (self._clock.now() - at).total_seconds()
