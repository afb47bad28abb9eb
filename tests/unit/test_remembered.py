"""Answers that hold for a while: how long, for how many, and when there is none."""

import asyncio
import logging

import pytest

from orchestration.adapters.remembered import Holding, Remembered
from orchestration.errors import TemporaryError
from tests.clock import FakeClock

HOLDING = Holding(fresh_s=60, stale_s=600, patience_s=0.05, rest_s=10)


class Source:
    """Answers with how often it was asked, unless it is told to fail or to be slow."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: Exception | None = None
        self.slow = asyncio.Event()
        self.slow.set()

    async def __call__(self, key: str) -> str:
        self.asked.append(key)
        await self.slow.wait()
        if self.fails:
            raise self.fails
        return f"{key}{len(self.asked)}"


@pytest.fixture
def source() -> Source:
    return Source()


async def test_an_answer_is_used_until_exactly_its_end(source: Source) -> None:
    clock = FakeClock()
    kept = Remembered(source, clock, Holding(fresh_s=60))
    assert [await kept.of("a"), await kept.of("b"), await kept.of("a")] == ["a1", "b2", "a1"]
    clock.advance(59.999)
    assert await kept.of("a") == "a1"
    clock.advance(0.001)
    assert await kept.of("a") == "a3"
    kept.forget()
    assert await kept.of("a") == "a4"


async def test_its_age_counts_from_when_it_was_asked_for(source: Source) -> None:
    clock = FakeClock()
    kept = Remembered(source, clock, Holding(fresh_s=60))
    source.slow.clear()
    asking = asyncio.create_task(kept.of("a"))
    await asyncio.sleep(0.01)
    clock.advance(59)
    source.slow.set()
    await asking
    clock.advance(1)
    assert await kept.of("a") == "a2"


async def test_a_failure_is_everybodys_who_waits_and_is_not_kept(source: Source) -> None:
    kept = Remembered(source, FakeClock(), HOLDING)
    source.fails = TemporaryError("down")
    answers = await asyncio.gather(*(kept.of("a") for _ in range(5)), return_exceptions=True)
    assert answers == [source.fails] * 5
    assert source.asked == ["a"]
    source.fails = None
    assert await kept.of("a") == "a2"


async def test_an_old_answer_stands_in_and_then_nobody_waits_for_a_while(
    source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    kept = Remembered(source, clock, HOLDING)
    await kept.of("a")
    source.fails = TemporaryError("down")
    clock.advance(60)
    with caplog.at_level(logging.WARNING):
        assert [await kept.of("a") for _ in range(3)] == ["a1"] * 3
    assert len(source.asked) == 2
    assert [record.getMessage() for record in caplog.records] == ["directory.stale"]
    clock.advance(10)
    source.fails = None
    assert await kept.of("a") == "a3"


async def test_a_slow_answer_arrives_for_those_who_ask_later(source: Source) -> None:
    clock = FakeClock()
    kept = Remembered(source, clock, HOLDING)
    await kept.of("a")
    clock.advance(60)
    source.slow.clear()
    assert await kept.of("a") == "a1"
    source.slow.set()
    await asyncio.sleep(0.01)
    assert await kept.of("a") == "a2"
    assert len(source.asked) == 2


async def test_after_its_last_moment_an_old_answer_is_none(source: Source) -> None:
    clock = FakeClock()
    kept = Remembered(source, clock, HOLDING)
    await kept.of("a")
    source.fails = TemporaryError("down")
    clock.advance(599)
    assert await kept.of("a") == "a1"
    clock.advance(1)
    with pytest.raises(TemporaryError, match="down"):
        await kept.of("a")


async def test_a_fault_of_ours_is_not_covered_by_an_old_answer(source: Source) -> None:
    clock = FakeClock()
    kept = Remembered(source, clock, HOLDING)
    await kept.of("a")
    source.fails = KeyError("id")
    clock.advance(60)
    with pytest.raises(KeyError):
        await kept.of("a")


async def test_strangers_do_not_fill_the_memory(source: Source) -> None:
    kept = Remembered(source, FakeClock(), HOLDING, most=100)
    for number in range(1000):
        await kept.of(str(number))
    assert len(kept._kept) <= 100


async def test_what_is_being_asked_for_ends_with_it(source: Source) -> None:
    kept = Remembered(source, FakeClock(), HOLDING)
    source.slow.clear()
    asking = asyncio.create_task(kept.of("a"))
    await asyncio.sleep(0.01)
    await kept.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
