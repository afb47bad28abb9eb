"""A rolling restart of the web side while people write and press: every message is answered once,
every press counts once, and a process that is told to go ends by itself."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.parts import SystemClock
from orchestration import records
from orchestration.adapters.sqlite import open_store
from tests.doubles.temporal import dev_server
from tests.far.slack.far import slack_far_side
from tests.faults.serving import Server
from tests.scenario.slack_stage import SlackStage
from tests.scenario.stage import Drawn, Seen

_THREADS = 12
_TIMES = 3
_ASKED = "storage account for team t{} in dev, East US"
_PATIENCE_S = 90.0


class Rolled:
    """One web process that is replaced by the next; no other process runs beside it."""

    def __init__(self, store: Path, engine: str, stage: SlackStage) -> None:
        store.mkdir()
        told = {"engine": "address", "engine_address": engine, "leave_s": 0.5}
        self._store, self._settings, self._stage = store, {**stage.settings(), **told}, stage
        self._server = self._another()
        self.codes: list[int | None] = []

    def _another(self) -> Server:
        return Server(self._store, self._settings)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        self._stage.meet(await self._server.start())
        try:
            yield
        finally:
            await self._server.stop()

    async def over(self) -> None:
        """The new one first; then the old one is told to go, and goes."""
        old, self._server = self._server, self._another()
        self._stage.meet(await self._server.start())
        await old.stop()
        self.codes.append(old.code)


async def test_nothing_is_lost_or_done_twice_while_the_web_side_is_rolled(tmp_path: Path) -> None:
    async with slack_far_side(tiers={}, posts=()) as far, dev_server(tmp_path) as engine:
        stage = SlackStage(far)
        rolled = Rolled(tmp_path / "store", engine, stage)
        async with rolled.serving():
            people = asyncio.create_task(_write_and_press(stage))
            for _ in range(_TIMES):
                await rolled.over()
            statuses, cards = await people
    assert rolled.codes == [0] * _TIMES, "each ended by itself"
    assert statuses == [200] * _THREADS, "every press was taken"
    assert cards == {f"t{n}": 2 for n in range(_THREADS)}, "one draft, one deployment, no copies"
    assert await _deployments(tmp_path / "store") == _THREADS, "every press counted once"


async def _write_and_press(stage: SlackStage) -> tuple[list[int], Counter[str]]:
    """Requests in new threads, each submitted from its card; the answers, and how many
    cards each thread has in the end."""
    seen: list[Seen] = []
    statuses: list[int] = []
    for number in range(_THREADS):
        thread = f"t{number}"
        await stage.say(thread, "ana", _ASKED.format(number))
        card = await _drawn(stage, thread, seen)
        press = next(b for b in card.reading.buttons if b.label == "Looks good")
        statuses.append(await stage.press(thread, "ana", card.message, press, {}))
    async with asyncio.timeout(_PATIENCE_S):
        while len(_cards(seen)) < 2 * _THREADS:
            seen += await stage.look()
            await asyncio.sleep(0.1)
    seen += await stage.look()
    return statuses, Counter(thread for thread, _ in _cards(seen))


def _cards(seen: Sequence[Seen]) -> set[tuple[str, str]]:
    return {(one.thread, one.message) for one in seen if isinstance(one, Drawn)}


async def _drawn(stage: SlackStage, thread: str, seen: list[Seen]) -> Drawn:
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            seen += await stage.look()
            for one in seen:
                if isinstance(one, Drawn) and one.thread == thread and one.reading.buttons:
                    return one
            await asyncio.sleep(0.05)


async def _deployments(store: Path) -> int:
    async with open_store(store / "store.db", SystemClock()) as documents:
        found = await documents.everywhere(records.CONTAINER, "d:head")
    return len(found.documents)
