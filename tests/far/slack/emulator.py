"""npm's `emulate` as a child process: what Slack keeps, written by others."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.far.people import humans

SCRIPT = Path(__file__).with_name("emulator.mjs")
NODE = Path(__file__).parents[2] / "node"
TEAM, APP, BOT_TOKEN = "T000000001", "A000000001", "xoxb-far-side-bot"
CLIENT_ID, CLIENT_SECRET = "111.222", "far-side-client"
BOT_NAME = "signoff"
CHANNELS = ("deployments", "infra", "platform")
SCOPES = (
    "app_mentions:read,channels:history,groups:history,im:history,mpim:history,im:read,im:write,"
    "chat:write,commands,users:read,users:read.email,team:read,files:read,channels:read"
)
_PATIENCE_S = 30.0


class Emulator:
    """Calls straight through to it, past every limit: for the people and for a look at it."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self._http = http

    async def call(self, method: str, token: str = BOT_TOKEN, **body: object) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with self._http.post(f"{self.url}/api/{method}", json=body, headers=headers) as got:
            answer: dict[str, Any] = await got.json()
        assert answer["ok"], f"{method}: {answer}"
        return answer


@asynccontextmanager
async def emulator(http: aiohttp.ClientSession, redirect_uri: str) -> AsyncIterator[Emulator]:
    """A workspace with the people of the directory, ended by its process id when left."""
    node = await asyncio.create_subprocess_exec(
        "node",
        str(SCRIPT),
        json.dumps({"slack": _seed(redirect_uri)}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=NODE,
    )
    assert node.stdout is not None
    assert node.stdin is not None
    try:
        async with asyncio.timeout(_PATIENCE_S):
            url = (await node.stdout.readline()).decode().strip()
        assert url, "the emulator did not start; is tests/node installed (make far-sides)?"
        port = url.rpartition(":")[2]
        yield Emulator(f"http://127.0.0.1:{port}", http)
    finally:
        if node.returncode is None:
            node.kill()
        await node.wait()
        node.stdin.close()


def user_token(name: str) -> str:
    return f"xoxp-{name}"


def _seed(redirect_uri: str) -> Mapping[str, object]:
    people = [{"name": h.name, "real_name": h.name, "email": h.email} for h in humans()]
    app = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "app_id": APP,
        "name": BOT_NAME,
        "bot_name": BOT_NAME,
        "redirect_uris": [redirect_uri],
        "scopes": SCOPES.split(","),
    }
    tokens: list[dict[str, object]] = [
        {"token": user_token(h.name), "user": h.name, "type": "user"} for h in humans()
    ]
    bot = {"token": BOT_TOKEN, "user": BOT_NAME, "type": "bot", "app_id": APP}
    return {
        "team": {"name": "Contoso", "domain": "contoso"},
        "users": people,
        "channels": [{"name": name} for name in CHANNELS],
        "oauth_apps": [app],
        "tokens": [*tokens, {**bot, "scopes": SCOPES.split(",")}],
        "strict_scopes": False,
    }
