"""What a far side knows of an answer: whether anybody waited for it."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from tests.far.faults import Answers, Dropped, Faults, Slow, striking
from tests.far.site import Site


class Far:
    def __init__(self) -> None:
        self.faults = Faults()
        self.faults.done = lambda request, answer, lost: self.lost.append(lost)
        self.lost: list[bool] = []
        self.app = web.Application(middlewares=[striking(self.faults)])
        self.app.router.add_post("/", self._post)
        self.site = Site(self.app)

    async def _post(self, request: web.Request) -> web.Response:
        return web.json_response({})


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    made = Far()
    await made.site.start()
    yield made
    await made.site.stop()


async def posted(far: Far, timeout_s: float = 5.0) -> None:
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    async with aiohttp.ClientSession(timeout=timeout) as http, http.post(far.site.url):
        """Answered."""


async def test_an_answer_that_arrives_is_not_lost(far: Far) -> None:
    await posted(far)
    assert far.lost == [False]


async def test_what_was_refused_was_not_done(far: Far) -> None:
    far.faults.add(Answers(429))
    await posted(far)
    assert far.lost == []


async def test_a_dropped_answer_is_lost(far: Far) -> None:
    far.faults.add(Dropped())
    with pytest.raises(aiohttp.ClientError):
        await posted(far)
    assert far.lost == [True]


async def test_an_answer_that_nobody_waits_for_any_more_is_lost(far: Far) -> None:
    far.faults.add(Slow(0.1))
    with pytest.raises(TimeoutError):
        await posted(far, timeout_s=0.05)
    async with asyncio.timeout(5):
        while not far.lost:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert far.lost == [True]


async def test_an_answer_to_a_connection_that_is_cut_is_lost(far: Far) -> None:
    far.faults.add(Slow(0.1))
    asking = asyncio.create_task(posted(far))
    await asyncio.sleep(0.05)
    await far.site.down()
    with pytest.raises(aiohttp.ClientError):
        await asking
    async with asyncio.timeout(5):
        while not far.lost:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert far.lost == [True]


async def test_a_fault_that_is_taken_back_does_not_strike(far: Far) -> None:
    slow = Slow(30)
    far.faults.add(slow, times=10)
    far.faults.add(Answers(418))
    far.faults.remove(slow)
    await posted(far)
    assert far.faults.struck == [Answers(418)]
