"""`signoff serve` with its worker, as its operators see them: ready, measured, traced, leaving."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from bot.processes.free_ports import free_ports
from orchestration.tracing import trace_of
from tests.doubles.collector import Collector, collector
from tests.far.reading import Pressable
from tests.far.teams.far import teams_far_side
from tests.faults.serving import Server
from tests.scenario.stage import Drawn
from tests.scenario.teams_stage import TeamsStage

_PATIENCE_S = 60.0


class Site:
    """A running server, somebody in Teams, and the ports of those who look after it."""

    def __init__(self, server: Server, stage: TeamsStage, url: str, ports: tuple[int, int]) -> None:
        self.server = server
        self.stage = stage
        self.url = url
        self.serve, self.work = (f"http://127.0.0.1:{port}" for port in ports)

    async def get(self, url: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            return answer.status, await answer.text()

    async def until(self, url: str, text: str) -> str:
        """What is there once it says so."""
        found = ""
        async with asyncio.timeout(_PATIENCE_S):
            while text not in found:
                with suppress(aiohttp.ClientError):  # a process that is still starting
                    found = (await self.get(url))[1]
                await asyncio.sleep(0.2)
        return found

    async def card(self, button: str) -> tuple[Drawn, Pressable]:
        """The next card that has the button, and the button."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                for one in await self.stage.look():
                    if isinstance(one, Drawn):
                        for found in one.reading.buttons:
                            if found.label == button:
                                return one, found
                await asyncio.sleep(0.2)


@asynccontextmanager
async def site(store: Path, otel: Mapping[str, str] | None = None) -> AsyncIterator[Site]:
    ports = free_ports(2)
    async with teams_far_side() as far:
        stage = TeamsStage(far)
        settings = {"operations_port": ports[0], "work_port": ports[1], "leave_s": 1.0}
        server = Server(store, {**stage.settings(), **settings}, environment=otel or {})
        try:
            url = await server.start()
            stage.meet(url)
            yield Site(server, stage, url, (ports[0], ports[1]))
        finally:
            await server.stop()


async def test_both_processes_say_that_they_are_ready_and_what_they_have_done(
    tmp_path: Path,
) -> None:
    async with site(tmp_path / "store") as place:
        await place.until(f"{place.work}/ready", '"status": "ready"')
        assert (await place.get(f"{place.url}/ready"))[0] == 200
        assert (await place.get(f"{place.url}/metrics"))[0] == 404, "not for the world"
        await place.stage.say("lab", "ana", "storage for team lab in dev, East US")
        await place.card("Looks good")
        told = await place.until(f"{place.serve}/metrics", "signoff_message_duration")
        for line in (
            r'signoff_acknowledgement_duration_seconds_count\{outcome="ok",surface="teams"\} 1.0',
            r'http_server_request_duration_seconds_count\{.*http_route="/api/messages".*\}',
            r'signoff_planner_duration_seconds_count\{outcome="ok",service="embedded"\} 1.0',
            r'db_client_operation_duration_seconds_count\{db_collection_name="threads".*\}',
            r'signoff_dependency_up\{dependency="store"\} 1.0',
        ):
            assert re.search(line, told), line
        leaving = asyncio.create_task(place.server.stop())
        assert "draining" in await place.until(f"{place.serve}/ready", "draining")
        await leaving


async def test_one_trace_leads_from_the_message_to_the_apply(tmp_path: Path) -> None:
    async with collector() as told:
        otel = {
            "OTEL_TRACES_EXPORTER": "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT": told.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        async with site(tmp_path / "store", otel) as place:
            await place.stage.say("lab", "ana", "storage for team lab in dev, East US")
            await place.card("Looks good")
            await place.stage.say("lab", "ana", "looks good")
            card, approve = await place.card("Approve")
            await place.stage.press("lab", "ana", card.message, approve, {})
            await told.until(lambda spans: any(s.span.name == "terraform apply" for s in spans))
            await told.until(lambda spans: any(s.span.name == "job apply" for s in spans))
        _one_trace(told)


def _one_trace(told: Collector) -> None:
    (applied,) = [seen for seen in told.spans if seen.span.name == "terraform apply"]
    whole = [seen for seen in told.spans if seen.trace == applied.trace]
    by_name = {seen.span.name: seen for seen in whole}
    assert {"POST /api/messages", "ask embedded", "decide", "job plan", "job apply"} <= {*by_name}
    assert by_name["POST /api/messages"].service == "signoff-serve"
    assert by_name["terraform apply"].service == "signoff-work"
    deployment = by_name["job apply"].attributes["signoff.deployment"]
    assert applied.trace == f"{trace_of(deployment):032x}"
    assert applied.span.parent_span_id == by_name["job apply"].span.span_id
    starts: list[Any] = [
        by_name[n].span.start_time_unix_nano
        for n in ("ask embedded", "job plan", "decide", "job apply")
    ]
    assert starts == sorted(starts)
