"""What `signoff serve` says when it cannot listen."""

import socket

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
