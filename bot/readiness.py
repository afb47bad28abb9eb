"""Whether a process can do its work now: everything it needs is looked at, with a time limit.

What is said of it goes to whoever asks, so it names no address and quotes no error; the log does.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from approvals.principals import PrincipalId
from bot.parts import Parts
from orchestration import measures
from orchestration.errors import TemporaryError
from orchestration.ports import NotFound

LOOK_WITHIN_S = 2.0
VALID_S = 5.0
"""How long what was found is told again: many may ask."""
_NOBODY = PrincipalId("00000000-0000-0000-0000-000000000000")
_ABSENT = "ready"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Need:
    """Something outside. `look` raises when it is not there; without a `vital` one all stops."""

    name: str
    look: Callable[[], Awaitable[object]]
    vital: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found; `why` is "" when all is well."""

    name: str
    why: str
    vital: bool


class Readiness:
    """Looks when it is asked, and at most once in `VALID_S`."""

    def __init__(
        self,
        needs: Sequence[Need],
        *,
        monotonic_s: Callable[[], float] = monotonic,
        within_s: float = LOOK_WITHIN_S,
        leaving: Callable[[], bool] = lambda: False,
    ) -> None:
        """`leaving`: from when on nobody should send anything here any more."""
        self._needs = tuple(needs)
        self._monotonic_s = monotonic_s
        self._within_s = within_s
        self._found: tuple[Found, ...] = ()
        self._until = float("-inf")
        self._looking = asyncio.Lock()
        self.leaving = leaving

    async def found(self) -> tuple[Found, ...]:
        async with self._looking:
            if self._monotonic_s() >= self._until:
                self._found = tuple(await asyncio.gather(*map(self._look, self._needs)))
                self._until = self._monotonic_s() + VALID_S
            return self._found

    async def ready(self) -> bool:
        return not self.leaving() and not any(
            each.why and each.vital for each in await self.found()
        )

    async def _look(self, need: Need) -> Found:
        why = ""
        try:
            async with asyncio.timeout(self._within_s):
                await need.look()
        except TimeoutError:
            why = f"no answer within {self._within_s:g} s"
        except TemporaryError:
            why = "not reachable"
        except Exception:
            why = "broken; the log says how"
        if why:
            _log.warning(
                "not_there", extra={"fields": {"need": need.name, "why": why}}, exc_info=True
            )
        measures.dependency(need.name, well=not why)
        return Found(need.name, why, need.vital)


def needs_of(
    parts: Parts, engine: Callable[[], Awaitable[object]], *, works: bool
) -> tuple[Need, ...]:
    """What a process stands on. One that `works` is of no use without any of it; one that serves
    takes in what comes while it has the store."""

    async def store() -> None:
        with suppress(NotFound):
            await parts.store.get("threads", _ABSENT, _ABSENT)

    return (
        Need("store", store),
        Need("artifacts", parts.artifacts.check, vital=works),
        Need("engine", engine, vital=works),
        Need("directory", lambda: parts.directory.get(_NOBODY), vital=False),
    )
