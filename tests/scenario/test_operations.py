"""`signoff serve` with its worker, as its operators see them: ready, measured, traced, leaving."""

import asyncio
import re
from pathlib import Path
from typing import Any

from orchestration.tracing import trace_of
from tests.doubles.collector import Collector, collector
from tests.faults.operating import site


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
    assert {"POST /api/messages", "turn", "ask embedded", "decide", "job plan", "job apply"} <= {
        *by_name
    }
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
