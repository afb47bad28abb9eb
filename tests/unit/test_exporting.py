"""What leaves a process, and what does not; each in a process of its own: there is one provider."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Status, StatusCode

from bot.exporting import exporting
from bot.spans import ByDeployment, Redacted
from orchestration import tracing
from orchestration.errors import UserError
from tests.doubles.collector import collector

ROOT = Path(__file__).parents[2]
TELLS = """
from bot.exporting import exporting
from orchestration import tracing
with exporting("signoff-test", scraped=False, secrets=["hunter22x"]):
    with tracing.about("d-1", "job apply", detail="password=hunter33x and hunter22x"):
        pass
print("done")
"""


async def _told(**environment: str) -> str:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", TELLS),
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await child.communicate()
    assert child.returncode == 0
    return out.decode()


async def test_traces_go_to_a_collector_when_asked_to_and_without_secrets() -> None:
    async with collector() as there:
        await _told(OTEL_TRACES_EXPORTER="otlp", OTEL_EXPORTER_OTLP_ENDPOINT=there.url)
        (seen,) = there.spans
    assert (seen.service, seen.span.name) == ("signoff-test", "job apply")
    assert seen.trace == f"{tracing.trace_of('d-1'):032x}"
    assert "hunter" not in str(seen.span)
    assert seen.attributes["signoff.deployment"] == "d-1"


async def test_traces_go_to_azure_monitor_when_asked_to() -> None:
    async with collector() as there:
        key = "00000000-0000-0000-0000-000000000001"
        await _told(
            OTEL_TRACES_EXPORTER="azure_monitor",
            APPLICATIONINSIGHTS_CONNECTION_STRING=f"InstrumentationKey={key};IngestionEndpoint={there.url}",
            APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL="true",
        )
        told = [
            one for one in there.telemetry if one["name"].endswith(("Request", "RemoteDependency"))
        ]
    assert [one["tags"]["ai.operation.id"] for one in told] == [f"{tracing.trace_of('d-1'):032x}"]
    assert "hunter" not in str(told)


async def test_nothing_leaves_unless_asked_to() -> None:
    async with collector() as there:
        await _told(OTEL_EXPORTER_OTLP_ENDPOINT=there.url)
        assert there.spans == []


@pytest.mark.parametrize("signal", ["TRACES", "METRICS"])
def test_an_exporter_that_is_not_there_is_named(signal: str) -> None:
    environment = {f"OTEL_{signal}_EXPORTER": "jaeger"}
    with (
        pytest.raises(UserError, match=f"OTEL_{signal}_EXPORTER names 'jaeger'.*otlp_proto_http"),
        exporting("x", scraped=False, secrets=(), environment=environment),
    ):
        pass


def test_an_exporter_without_what_it_needs_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APPLICATIONINSIGHTS_CONNECTION_STRING", raising=False)
    environment = {"OTEL_TRACES_EXPORTER": "azure_monitor"}
    with (
        pytest.raises(UserError, match="cannot be used as it is set"),
        exporting("x", scraped=False, secrets=(), environment=environment),
    ):
        pass


def test_what_libraries_write_on_spans_is_redacted_as_well() -> None:
    kept = InMemorySpanExporter()
    provider = TracerProvider(id_generator=ByDeployment(), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(Redacted(kept, ["hunter22x"])))
    with provider.get_tracer("theirs").start_as_current_span("call hunter22x") as span:
        span.set_attribute("url", "https://x/?sig=abcdefghijkl")
        span.set_attribute("api_key", "abcdefg")
        span.set_attribute("many", ["hunter22x", "fine"])
        span.record_exception(KeyError("hunter22x"))
        span.set_status(Status(StatusCode.ERROR, "Bearer abcdefghijklmnop"))
    (told,) = kept.get_finished_spans()
    text = told.to_json()
    assert "fine" in text and "KeyError" in text
    for secret in ("hunter22x", "abcdefg"):
        assert secret not in text


def test_the_trace_of_a_deployment_is_the_same_everywhere_and_another_for_another() -> None:
    assert tracing.trace_of("d-1") == tracing.trace_of("d-1") != tracing.trace_of("d-2")
    assert ByDeployment().generate_trace_id() != ByDeployment().generate_trace_id()
