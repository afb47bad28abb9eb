"""`signoff serve` with its worker, somebody in Teams, and the ports of those who look after it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import psutil

from bot.processes.free_ports import free_ports
from tests.far.reading import Pressable
from tests.far.teams.far import TeamsFarSide, teams_far_side
from tests.faults.serving import Server
from tests.scenario.stage import Drawn
from tests.scenario.teams_stage import TeamsStage

PATIENCE_S = 60.0


class Site:
    """A running server, somebody in Teams, and the ports of those who look after it."""

    def __init__(self, server: Server, stage: TeamsStage, url: str, ports: tuple[int, int]) -> None:
        self.server = server
        self.stage = stage
        self.url = url
        self.serve, self.work = (f"http://127.0.0.1:{port}" for port in ports)

    def child(self, *words: str) -> psutil.Process:
        """The one below the server whose command has all these words."""
        every = psutil.Process(self.server.pid).children(recursive=True)
        (found,) = [p for p in every if set(words) <= set(p.cmdline()) and "-I" not in p.cmdline()]
        return found

    async def get(self, url: str) -> tuple[int, str]:
        return await _got(url)

    async def until(self, url: str, text: str) -> str:
        """What is there once it says so."""
        return await answered(url, text)

    async def card(self, button: str) -> tuple[Drawn, Pressable]:
        """The next card that has the button, and the button."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for one in await self.stage.look():
                    if isinstance(one, Drawn):
                        for found in one.reading.buttons:
                            if found.label == button:
                                return one, found
                await asyncio.sleep(0.2)


async def answered(url: str, text: str) -> str:
    """What is there once it says so."""
    found = ""
    async with asyncio.timeout(PATIENCE_S):
        while text not in found:
            with suppress(aiohttp.ClientError):  # a process that is still starting
                found = (await _got(url))[1]
            await asyncio.sleep(0.2)
    return found


async def _got(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, await answer.text()


@asynccontextmanager
async def site(store: Path, otel: Mapping[str, str] | None = None) -> AsyncIterator[Site]:
    async with teams_far_side() as far, running(far, TeamsStage(far), store, otel) as there:
        yield there


@asynccontextmanager
async def running(
    far: TeamsFarSide, stage: TeamsStage, store: Path, otel: Mapping[str, str] | None = None
) -> AsyncIterator[Site]:
    ports = free_ports(2)
    settings = {"operations_port": ports[0], "work_port": ports[1], "leave_s": 1.0}
    server = Server(store, {**stage.settings(), **settings}, environment=otel or {})
    try:
        url = await server.start()
        stage.meet(url)
        yield Site(server, stage, url, (ports[0], ports[1]))
    finally:
        await server.stop()
