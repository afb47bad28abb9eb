import asyncio

import pytest

from orchestration.turns import Turns


class Work:
    """Turns that end when they are told to."""

    def __init__(self, limits: Turns) -> None:
        self.limits = limits
        self.running: list[int] = []
        self.end = asyncio.Event()

    async def turn(self, number: int) -> None:
        async with self.limits.one():
            self.running.append(number)
            await self.end.wait()


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_few_are_worked_on_while_events_come_in(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now)
    limits = Turns(few=2, many=8)
    work = Work(limits)
    limits.arrived()
    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(work.turn(number))
        await _settle()
        assert work.running == [0, 1]
        now += 0.1
        await _settle()
        assert work.running == [*range(8)]
        work.end.set()
    assert work.running == [*range(20)]


async def test_many_are_worked_on_when_none_comes() -> None:
    work = Work(Turns(few=1, many=3))
    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(work.turn(number))
        await _settle()
        assert work.running == [0, 1, 2]
        work.end.set()


async def test_one_that_is_cancelled_leaves_its_place_to_the_next() -> None:
    work = Work(Turns(few=1, many=1))
    tasks = [asyncio.create_task(work.turn(number)) for number in range(4)]
    await _settle()
    tasks[0].cancel()
    tasks[1].cancel()
    await _settle()
    assert work.running == [0, 2]
    work.end.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert work.running == [0, 2, 3]
