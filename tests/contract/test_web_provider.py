"""What a provider of sign-ins answers, as networks deliver it."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from bot.web.provider import fetched
from orchestration.errors import TemporaryError
from tests.doubles.teams_room import running

KEYS = {"keys": [{"kid": str(number), "n": "a" * 2000} for number in range(8)]}


async def _in_pieces(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    body = json.dumps(KEYS).encode() * int(request.query.get("times", "1"))
    for at in range(0, len(body), 4096):
        await response.write(body[at : at + 4096])
        await asyncio.sleep(0)
    return response


@pytest.fixture
async def address() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/keys", _in_pieces)
    async with running(app) as url:
        yield f"{url}/keys"


async def test_an_answer_that_comes_in_pieces_is_read_to_its_end(address: str) -> None:
    async with aiohttp.ClientSession() as http:
        assert await fetched(http, address) == KEYS


async def test_an_answer_without_end_is_not_read_to_it(address: str) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(TemporaryError, match="more than 1000000 bytes"):
            await fetched(http, f"{address}?times=100")
