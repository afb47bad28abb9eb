"""Sentences to one person, at once: refusals, and what else must not go unanswered."""

import asyncio
import logging
from typing import Any
from uuid import uuid4

import aiohttp

from bot.failures import told
from bot.slack import mrkdwn
from bot.slack.bodies import BlockActions
from bot.slack.sending import Sending
from bot.slack.spot import Spot
from orchestration.errors import SignoffError

_TIMEOUT_S = 5.0
_NOTE = 2000
_log = logging.getLogger(__name__)


class Telling:
    """Never raises: whoever tells has nothing left to try."""

    def __init__(self, sending: Sending, http: aiohttp.ClientSession) -> None:
        self._sending = sending
        self._http = http

    async def tell(self, spot: Spot, user: str, text: str, *, response_url: str = "") -> None:
        """Show the text to the user alone, where they are."""
        body: dict[str, Any] = {"text": mrkdwn.escaped(text)}
        try:
            if not (response_url and await self._responded(response_url, spot, body)):
                await self._whispered(spot, user, body)
        except SignoffError:
            fields = {"thread_id": spot.thread, "user": user}
            _log.warning("slack_answer_lost", extra={"fields": fields}, exc_info=True)

    async def failed(
        self, spot: Spot, user: str, error: BaseException, *, response_url: str = ""
    ) -> None:
        """Say what became of what they did."""
        text = told(error, doing="answering you", tried_again=False)
        await self.tell(spot, user, text, response_url=response_url)

    async def chosen(self, spot: Spot, body: BlockActions, text: str) -> None:
        """Put a choice in the place of its buttons, so that everybody sees what was said."""
        said = f"{mrkdwn.mention(body.user.id)}: {mrkdwn.escaped(text)}"[:_NOTE]
        note = {"type": "context", "elements": [{"type": "mrkdwn", "text": said}]}
        kept = [block for block in body.message.blocks if block.get("type") != "actions"]
        shown = {"text": body.message.text or said, "blocks": [*kept, note]}
        ts = body.message.ts
        await self._sending.update(spot.team, spot.channel, ts, shown, progress=False)

    async def _responded(self, url: str, spot: Spot, body: dict[str, Any]) -> bool:
        """Source: Slack, response_url: five times within half an hour."""
        in_thread = {"thread_ts": spot.thread_ts} if spot.thread_ts else {}
        shown = {"response_type": "ephemeral", "replace_original": False, **in_thread, **body}
        try:
            post = self._http.post(url, json=shown, allow_redirects=False)
            async with asyncio.timeout(_TIMEOUT_S), post as response:
                return response.status < 300
        except (TimeoutError, aiohttp.ClientError, ValueError):
            return False

    async def _whispered(self, spot: Spot, user: str, body: dict[str, Any]) -> None:
        if spot.channel and not spot.direct and await self._sending.whisper(spot, user, body):
            return
        to = spot if spot.direct else await self._sending.direct(spot.team, user)
        await self._sending.post(to, body, uuid4().hex)
