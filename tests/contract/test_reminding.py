"""One worker reminds the engine of what is open, for all of them."""

from orchestration.ports import Store
from orchestration.reminding import EVERY_S, is_our_turn
from tests.clock import FakeClock


async def test_of_many_workers_one_has_the_turn_and_next_time_anybody(
    store: Store, clock: FakeClock
) -> None:
    assert [await is_our_turn(store, "acme") for _ in range(3)] == [True, False, False]
    assert await is_our_turn(store, "elsewhere")
    clock.advance(EVERY_S)
    assert [await is_our_turn(store, "acme") for _ in range(3)] == [True, False, False]
