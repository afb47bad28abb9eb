"""The page as it changes: parts that are new, lines as they come, nothing twice after a break."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.web.cursor import Cursor, parsed
from bot.web.drawing import Drawing
from bot.web.streams import Streams
from orchestration.errors import TemporaryError
from orchestration.jobs.log import RunId, kept_log
from orchestration.ports import DeploymentId, StepId
from orchestration.record import Record
from tests.doubles.house import House, draft
from tests.doubles.pages import Served, TalkativeTerraform, served
from tests.doubles.signing import sign

PLAN = "storage/001/plan"


@dataclass
class Event:
    id: str
    kind: str
    body: dict[str, Any]


@dataclass
class Stream:
    """An open connection, read event by event."""

    answer: aiohttp.ClientResponse

    async def next(self) -> Event:
        fields: dict[str, str] = {}
        async with asyncio.timeout(10):
            async for raw in self.answer.content:
                line = raw.decode().rstrip("\n")
                if not line and "event" in fields:
                    return Event(fields["id"], fields["event"], json.loads(fields["data"]))
                name, _, value = line.partition(": ")
                fields[name] = value
        raise AssertionError("the stream has ended")

    async def until(self, kind: str, **wanted: object) -> Event:
        """The first event of the kind whose body has these values."""
        while True:
            event = await self.next()
            if event.kind == kind and wanted.items() <= event.body.items():
                return event

    async def lines(self, *wanted: str) -> Sequence[str]:
        """All lines until the last of those that are wanted."""
        found: list[str] = []
        while not found or found[-1] != wanted[-1]:
            event = await self.until("log")
            found += event.body["lines"]
        return found


@pytest.fixture
async def pages(home: House) -> AsyncIterator[Served]:
    async with served(home) as running:
        yield running


@pytest.fixture
async def id(home: House) -> DeploymentId:
    return await home.submit(draft("storage", environment="production"))


@asynccontextmanager
async def stream(pages: Served, id: str, after: str = "", last: str = "") -> AsyncIterator[Stream]:
    address = pages.link(id).replace(f"/d/{id}?", f"/d/{id}/live?after={after}&")
    headers = {"Last-Event-ID": last} if last else {}
    async with aiohttp.ClientSession() as http, http.get(address, headers=headers) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        yield Stream(answer)


async def test_what_changes_comes_as_the_part_that_it_is_in(
    home: House, pages: Served, id: DeploymentId
) -> None:
    async with stream(pages, id, after="1") as live:
        await home.worker(terraform=TalkativeTerraform(home.cloud)).run(id)
        plan = await live.until("part", part="plan")
        assert "azurerm_storage_account.this" in plan.body["html"]
        decided = await live.until("part", part="decisions")
        assert "waits for 1 platform approver" in decided.body["html"]


async def test_a_browser_that_has_seen_everything_is_told_nothing(
    home: House, pages: Served, id: DeploymentId
) -> None:
    await home.worker(terraform=TalkativeTerraform(home.cloud)).run(id)
    async with stream(pages, id) as live:
        seen = (await live.until("log", run=PLAN)).id
    async with stream(pages, id, last=seen) as live:
        again = await live.next()
        assert (again.kind, again.body["lines"], again.body["state"]) == ("log", [], "ended")
        await home.click("omar", id)
        assert (await live.next()).kind == "part"


async def test_the_log_grows_while_a_run_goes_on_and_goes_on_after_a_break(
    home: House, pages: Served, id: DeploymentId
) -> None:
    run = RunId(StepId("storage"), 1, "plan")
    async with kept_log(home.store, home.artifacts, home.clock, id, run, every_s=0.01) as hear:
        async with stream(pages, id, after="1") as live:
            hear("first")
            first = await live.until("log", run=PLAN)
            assert (first.body["lines"], first.body["state"]) == (["first"], "running")
            hear("second")
            second = await live.until("log", run=PLAN)
            assert second.body["lines"] == ["second"]
        hear("third")
        await asyncio.sleep(0.1)
        async with stream(pages, id, last=first.id) as live:
            assert await live.lines("third") == ["second", "third"]
        async with stream(pages, id, last=second.id) as live:
            assert await live.lines("third") == ["third"]


async def test_a_stream_ends_where_it_cannot_be_followed_for_now(
    pages: Served, id: DeploymentId, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> int:
        raise TemporaryError("the store is not there")

    async with stream(pages, id) as live:
        await live.next()
        monkeypatch.setattr(Record, "version", away)
        async with asyncio.timeout(10):
            rest = await live.answer.content.read()
    assert b"HTTP/1.1" not in rest
    assert b"<html" not in rest


async def test_an_apply_is_followed_to_its_end(
    home: House, pages: Served, id: DeploymentId
) -> None:
    worker = home.worker(terraform=TalkativeTerraform(home.cloud))
    await worker.run(id)
    await sign(home, id)
    async with stream(pages, id) as live:
        await worker.run(id)
        ended = await live.until("log", run="storage/001/apply", state="ended")
    assert ended.body["title"].startswith("apply of ")
    async with stream(pages, id) as live:
        status = await live.until("part", part="status")
        assert "It is up: done" in status.body["html"]


async def test_a_run_whose_worker_died_is_cut_off(
    home: House, pages: Served, id: DeploymentId
) -> None:
    run = RunId(StepId("storage"), 7, "apply")
    entered = kept_log(home.store, home.artifacts, home.clock, id, run, every_s=0.01)
    hear = await entered.__aenter__()
    hear("the last words")
    async with stream(pages, id) as live:
        event = await live.until("log", run=str(run))
        assert (event.body["lines"], event.body["state"]) == (["the last words"], "cut off")
    await entered.__aexit__(None, None, None)


async def test_a_change_is_read_and_drawn_once_however_many_follow(
    home: House, pages: Served, id: DeploymentId, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    draw = Drawing.draw

    def counted(drawing: Drawing, name: str, **context: object) -> str:
        drawn.append(name)
        return draw(drawing, name, **context)

    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(stream(pages, id, "1")) for _ in range(20)]
        monkeypatch.setattr(Drawing, "draw", counted)
        await home.worker().run(id)
        await asyncio.gather(*(each.until("part", part="decisions") for each in streams))
    assert drawn.count("parts/actions") >= 20
    assert drawn.count("parts/plan") == 1


async def test_streams_end_when_the_process_is_to_end(home: House, id: DeploymentId) -> None:
    async with served(home) as pages, aiohttp.ClientSession() as http:
        address = pages.link(id).replace(f"/d/{id}?", f"/d/{id}/live?")
        answer = await http.get(address)
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 5
    answer.close()


async def test_more_streams_than_there_may_be_are_told_to_come_back() -> None:
    streams = Streams(most=1)
    with streams.one():
        assert streams.full
    assert not streams.full
    await streams.close()
    assert streams.full


@pytest.mark.parametrize(
    "text",
    ["", "x", "-1", "1;", "1;a", "1;a=b", "1;=1", "9" * 100, "1;a=" + "9" * 20, "\u0661", ";;;=;"],
)
def test_a_cursor_that_makes_no_sense_is_the_beginning(text: str) -> None:
    assert parsed(text).lines == {}
    assert parsed(text).version in (0, 1)


def test_a_cursor_comes_back_as_it_went() -> None:
    cursor = Cursor(12, {"storage/001/plan": 3, "databricks/002/apply": 10})
    assert parsed(str(cursor)) == cursor
