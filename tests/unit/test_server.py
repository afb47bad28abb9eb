"""What `signoff serve` says when it cannot listen, and of what it cannot read."""

import asyncio
import gzip
import logging
import socket

import aiohttp
import pytest
from aiohttp import web

from bot.operations import listening
from orchestration.errors import UserError


async def test_an_address_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=rf"127\.0\.0\.1:{port}: address already in use"):
            async with listening(web.Application(), "127.0.0.1", port):
                pass


async def test_a_free_port_is_found() -> None:
    async with listening(web.Application(), "127.0.0.1", 0) as url:
        assert url.startswith("http://127.0.0.1:") and not url.endswith(":0")


async def _echo(request: web.Request) -> web.Response:
    try:
        return web.Response(body=await request.read())
    except web.RequestPayloadError:
        return web.Response(status=400)


PACKED = gzip.compress(b"private words " * 100)
BADLY_PACKED = [b"private words", PACKED[:-9], PACKED[:-4] + b"\0\0\0\0", PACKED[:15] + b"private"]


@pytest.mark.parametrize("body", BADLY_PACKED, ids=range(len(BADLY_PACKED)))
@pytest.mark.parametrize("path", ["/", "/nowhere"])
async def test_what_is_packed_badly_leaves_no_traceback(
    caplog: pytest.LogCaptureFixture, body: bytes, path: str
) -> None:
    app = web.Application()
    app.router.add_post("/", _echo)
    packed = {"Content-Encoding": "gzip"}
    each_its_own = aiohttp.TCPConnector(force_close=True)
    async with (
        listening(app, "127.0.0.1", 0) as url,
        aiohttp.ClientSession(connector=each_its_own) as http,
    ):
        async with http.post(f"{url}{path}", data=body, headers=packed) as answer:
            assert answer.status in (200, 400, 404)
        async with http.post(url, data=b"and then") as answer:
            assert await answer.text() == "and then"
    assert [one for one in caplog.records if one.exc_info or one.levelno >= logging.WARNING] == []
    assert "private" not in caplog.text


@pytest.mark.parametrize("sent", [b"\x16\x03\x01private", b"GET / HTTP/9.9\r\nprivate\r\n\r\n"])
async def test_what_is_no_http_leaves_no_traceback(
    caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    async with listening(web.Application(), "127.0.0.1", 0) as url:
        host, port = url.removeprefix("http://").split(":")
        reading, writing = await asyncio.open_connection(host, int(port))
        writing.write(sent + b"\r\n\r\n")
        assert b" 400 " in await reading.readline()
        writing.close()
        await writing.wait_closed()
    assert [one for one in caplog.records if one.exc_info and one.levelno >= logging.INFO] == []
    assert "private" not in caplog.text


async def test_a_fault_of_ours_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async def faulty(_: web.Request) -> web.Response:
        raise KeyError("ours")

    app = web.Application()
    app.router.add_get("/", faulty)
    async with (
        listening(app, "127.0.0.1", 0) as url,
        aiohttp.ClientSession() as http,
        http.get(url) as answer,
    ):
        assert answer.status == 500
    assert [one.levelname for one in caplog.records if one.exc_info] == ["ERROR"]
