"""Builds the planner; Semantic Kernel is imported by `warm`, in a thread, or by the first turn."""

import asyncio
from typing import TYPE_CHECKING

from capabilities.capability import Catalogue
from orchestration.planner.answering import too_long
from orchestration.planner.desk import Answer, Desk, Turn
from orchestration.planner.offline.reader import Reader
from orchestration.planner.routing import small_is_enough
from orchestration.planner.settings import Limits, ModelSettings
from orchestration.planner.unused import left_out
from orchestration.ports import Clock

if TYPE_CHECKING:
    from orchestration.planner.loop import Candidate, Loop

EMBEDDED = "embedded"


def planner(
    catalogue: Catalogue,
    clock: Clock,
    models: ModelSettings | None = None,
    *,
    limits: Limits | None = None,
) -> "LazyPlanner":
    """A planner over this catalogue; without `models` the embedded service answers alone."""
    return LazyPlanner(catalogue, clock, models, limits or Limits())


class LazyPlanner:
    """`Planner` that loads what is heavy on first use, once."""

    def __init__(
        self, catalogue: Catalogue, clock: Clock, models: ModelSettings | None, limits: Limits
    ) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._models = models
        self._limits = limits
        self._reader = Reader(catalogue)
        self._loop: Loop | None = None
        self._candidates: dict[str, Candidate] = {}
        self._loading = asyncio.Lock()

    async def warm(self) -> None:
        """Import and build everything (1.5 s of work, in a thread); safe to call many times."""
        async with self._loading:
            if self._loop is None:
                self._loop, self._candidates = await asyncio.to_thread(self._load)

    async def close(self) -> None:
        """Close the connections to remote models."""
        for candidate in self._candidates.values():
            client = getattr(candidate.service, "client", None)
            if client is not None:
                await client.close()

    def _load(self) -> "tuple[Loop, dict[str, Candidate]]":
        with left_out():
            from orchestration.planner.loop import Candidate, Loop
            from orchestration.planner.offline.service import EmbeddedService

        limits = self._limits
        loop = Loop(self._catalogue, self._clock, limits)
        embedded = EmbeddedService(self._reader)
        found = {EMBEDDED: Candidate(EMBEDDED, embedded, limits.deadline_s)}
        if self._models is not None:
            from orchestration.planner.models import connected

            for name in filter(None, (self._models.large, self._models.small)):
                service = connected(self._models, name)
                found[name] = Candidate(name, service, limits.model_share_s, self._models.attempts)
        return loop, found

    async def answer(self, turn: Turn, desk: Desk) -> Answer:
        """See `desk.Planner`."""
        if len(turn.text) > self._limits.characters:
            return too_long(turn, "none")
        await self.warm()
        assert self._loop is not None
        names = self._order(turn)
        if not names:
            return too_long(turn, EMBEDDED)
        return await self._loop.run(turn, desk, [self._candidates[name] for name in names])

    def _order(self, turn: Turn) -> list[str]:
        """The model that suits the message, then the embedded service if it may read it."""
        names = []
        if self._models is not None:
            small = self._models.small and small_is_enough(self._reader, turn.text)
            names.append(self._models.small if small else self._models.large)
        if len(turn.text) <= self._limits.embedded_characters:
            names.append(EMBEDDED)
        return names
