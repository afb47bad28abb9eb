"""One worker reminds the engine of what is open, for all of them, and of all of it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace

from orchestration import records
from orchestration.engine.reconciling import reconcile
from orchestration.errors import TemporaryError
from orchestration.ports import Create, DeploymentId, Store
from orchestration.reminding import EVERY_S, is_our_turn
from tests.clock import FakeClock
from tests.doubles.flaky import FlakyStore
from tests.doubles.house import ORGANISATION, House

_MANY = 1200


async def test_of_many_workers_one_has_the_turn_and_next_time_anybody(
    store: Store, clock: FakeClock
) -> None:
    assert [await is_our_turn(store, "acme") for _ in range(3)] == [True, False, False]
    assert await is_our_turn(store, "elsewhere")
    clock.advance(EVERY_S)
    assert [await is_our_turn(store, "acme") for _ in range(3)] == [True, False, False]


async def test_everything_that_is_open_is_nudged_however_much_that_is(home: House) -> None:
    for n in range(_MANY):
        writes = [Create("d:head", {}, waits=records.OPEN)]
        await home.store.batch(records.CONTAINER, f"d-{n:012x}", writes, operation=f"{n}")
    engine = Nudged()
    await _rounds(home, home.store, engine, 1)
    assert len(engine.nudged) == len(set(engine.nudged)) == _MANY


async def test_who_has_not_the_turn_looks_for_nothing(home: House) -> None:
    assert await is_our_turn(home.store, ORGANISATION)
    store = FlakyStore(home.store)
    await _rounds(home, store, Nudged(), 5)
    assert store.calls.count("waiting") == 1, "at its start alone"


async def test_a_turn_in_which_the_engine_was_away_is_made_up_for(home: House) -> None:
    writes = [Create("d:head", {}, waits=records.OPEN)]
    await home.store.batch(records.CONTAINER, "d-1", writes, operation="o")
    engine = Nudged(away=2)
    await _rounds(home, home.store, engine, 3)
    assert engine.nudged == ["d-1"]


@dataclass
class Nudged:
    """An engine that is away at first, and notes what it is nudged for."""

    away: int = 0
    nudged: list[DeploymentId] = field(default_factory=list)

    async def nudge(self, deployment: DeploymentId) -> None:
        if self.away:
            self.away -= 1
            raise TemporaryError("the engine is away")
        self.nudged.append(deployment)


async def _rounds(home: House, store: Store, engine: Nudged, rounds: int) -> None:
    """Let a worker that has just started reconcile that often."""
    slept = 0

    async def sleep(_: float) -> None:
        nonlocal slept
        slept += 1
        if slept == rounds:
            raise asyncio.CancelledError

    shop = replace(home.worker(store=store).shop, engine=engine)
    with suppress(asyncio.CancelledError):
        await reconcile(shop, sleep=sleep)
