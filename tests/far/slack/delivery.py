"""How Slack delivers: signed, and events again when nobody takes them.

Source: Slack's "Verifying requests" and "Events API" (three retries: at once, after one minute,
after five).
"""

import asyncio
import hashlib
import hmac
import json
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

PATIENCE_S = 3.0
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: not in time, or nobody was there. `attempts` is how often it was delivered."""

    status: int
    body: Any = None
    attempts: int = 1
    taken_s: float = 0.0


class Delivery:
    """To one bot. `retries_s` are the pauses before each further attempt."""

    def __init__(self, http: aiohttp.ClientSession, secret: str) -> None:
        self.bot_url = ""
        self.path = "/slack/events"
        self.patience_s = PATIENCE_S
        self.retries_s: Sequence[float] = (0.0, 0.1, 0.2)
        self.now_s: Callable[[], float] = time.time
        self._http = http
        self._secret = secret

    async def event(self, body: Mapping[str, Any]) -> Answer:
        raw = json.dumps(body).encode()
        answer = await self.send(raw, "application/json")
        for number, pause in enumerate(self.retries_s, 1):
            if 200 <= answer.status < 300:
                break
            await asyncio.sleep(pause)
            reason = "http_error" if answer.status else "http_timeout"
            more = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
            answer = await self.send(raw, "application/json", more, attempt=number + 1)
        return answer

    async def interaction(self, payload: Mapping[str, Any]) -> Answer:
        form = urllib.parse.urlencode({"payload": json.dumps(payload)})
        return await self.send(form.encode(), FORM)

    async def command(self, fields: Mapping[str, str]) -> Answer:
        return await self.send(urllib.parse.urlencode(fields).encode(), FORM)

    async def send(
        self,
        raw: bytes,
        content_type: str,
        more: Mapping[str, str] | None = None,
        *,
        attempt: int = 1,
    ) -> Answer:
        headers = {"Content-Type": content_type, **self.signed(raw), **(more or {})}
        start = time.perf_counter()
        try:
            async with self._http.post(
                self.bot_url + self.path,
                data=raw,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=self.patience_s),
            ) as response:
                text = await response.text()
        except (TimeoutError, aiohttp.ClientError):
            return Answer(0, None, attempt, time.perf_counter() - start)
        body = json.loads(text) if text.startswith(("{", "[")) else text
        return Answer(response.status, body, attempt, time.perf_counter() - start)

    def signed(self, raw: bytes, at: int | None = None) -> dict[str, str]:
        stamp = str(int(self.now_s()) if at is None else at)
        said = b"v0:" + stamp.encode() + b":" + raw
        digest = hmac.new(self._secret.encode(), said, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
