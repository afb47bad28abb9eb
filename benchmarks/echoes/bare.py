"""An echo on aiohttp alone, which trusts everybody: `python -m benchmarks.echoes.bare _ TOKEN`."""

import asyncio
import sys

import aiohttp
from aiohttp import web

from benchmarks.echoes.listening import listening


def main(_: str, token: str) -> None:
    sessions: list[aiohttp.ClientSession] = []

    async def messages(request: web.Request) -> web.Response:
        said = await request.json()
        if not sessions:
            sessions.append(aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}))
        where = f"{said['serviceUrl']}v3/conversations/{said['conversation']['id']}/activities"
        answer = {"type": "message", "text": f"echo: {said['text']}", "replyToId": said["id"]}
        async with sessions[0].post(where, json=answer) as sent:
            await sent.read()
        return web.Response(status=201)

    asyncio.run(listening(messages))


if __name__ == "__main__":
    main(*sys.argv[1:])
