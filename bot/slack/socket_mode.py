"""Socket Mode: Slack's requests over a connection that this process opens."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import time

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.requests import NotSlacks, request_of
from bot.slack.web_api import sdk_log

DRAIN_S = 10.0
_log = logging.getLogger(__name__)


class _Handler(AsyncSocketModeHandler):
    """What is not acknowledged, because it failed or came too late, Slack sends again."""

    def __init__(self, bolt: AsyncApp, app_token: str, web_client: AsyncWebClient) -> None:
        super().__init__(bolt, app_token, logger=sdk_log(), web_client=web_client)
        self._going_on: set[asyncio.Task[None] | None] = set()
        self._closing = False

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        if self._closing:
            return
        task = asyncio.current_task()
        self._going_on.add(task)
        try:
            await self._answer(client, req)
        finally:
            self._going_on.discard(task)

    async def _answer(self, client: SocketModeClient, req: SocketModeRequest) -> None:
        started = time()
        try:
            request = request_of(req.payload, mode="socket_mode")
        except NotSlacks as error:
            _log.warning("slack_body_refused", extra={"fields": {"why": str(error)}})
            return
        answer = await self.app.async_dispatch(request)
        await send_async_response(client, req, answer, started)

    async def drain(self) -> None:
        """Take nothing new, and acknowledge what was taken while the connection is there."""
        self._closing = True
        going_on = [task for task in self._going_on if task]
        if going_on:
            await asyncio.wait(going_on, timeout=DRAIN_S)


@asynccontextmanager
async def connected(
    bolt: AsyncApp, app_token: str, web_client: AsyncWebClient
) -> AsyncIterator[None]:
    """Connected until it is left; a lost connection is made anew, for as long as it takes."""
    handler = _Handler(bolt, app_token, web_client)
    connecting = asyncio.create_task(handler.client.connect(), name="slack socket mode")  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        connecting.cancel()
        with suppress(asyncio.CancelledError):
            await connecting
        await handler.drain()
        await handler.client.close()  # type: ignore[no-untyped-call]
