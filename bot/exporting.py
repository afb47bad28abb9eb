"""Where metrics and traces go. Nothing leaves the process unless somebody asks for it.

Metrics are read from the operations port (`bot.operations`) in Prometheus' format. `OTEL_*`, the
standard variables of OpenTelemetry, name what is sent elsewhere:

    OTEL_TRACES_EXPORTER=otlp          OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318
    OTEL_METRICS_EXPORTER=azure_monitor    APPLICATIONINSIGHTS_CONNECTION_STRING=...

`otlp` is the package opentelemetry-exporter-otlp-proto-http, `azure_monitor` is
azure-monitor-opentelemetry-exporter; any other installed exporter goes by its own name.
"""

import os
import socket
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.metadata import entry_points
from typing import Any

from bot import VERSION
from orchestration import measures
from orchestration.errors import UserError

_ALIASES = {
    "otlp": "otlp_proto_http",
    "azure_monitor": "azure_monitor_opentelemetry_exporter",
}
_NONE = frozenset({"", "none"})


@contextmanager
def exporting(
    service: str,
    *,
    scraped: bool,
    secrets: Collection[str],
    environment: Mapping[str, str] = os.environ,
) -> Iterator[None]:
    """Until left, metrics can be scraped if `scraped`, and go with traces where OTEL_* says.

    Raises: UserError - an exporter is named that is not there, or that cannot be used as set.
    """
    metrics = _named(environment, "metrics")
    traces = _named(environment, "traces")
    with ExitStack() as stack:
        if scraped or metrics:
            stack.enter_context(_measuring(service, metrics, scraped=scraped))
        if traces:
            stack.enter_context(_tracing(service, traces, secrets))
        yield


def _named(environment: Mapping[str, str], signal: str) -> list[Any]:
    """The exporters' classes, by the variable of the signal."""
    variable = f"OTEL_{signal.upper()}_EXPORTER"
    names = [name.strip() for name in environment.get(variable, "").split(",")]
    return [_loaded(variable, signal, name) for name in names if name not in _NONE]


def _loaded(variable: str, signal: str, name: str) -> Any:
    group = f"opentelemetry_{signal}_exporter"
    for found in entry_points(group=group, name=_ALIASES.get(name, name)):
        return found.load()
    there = sorted(set(entry_points(group=group).names) | {"none"})
    raise UserError(f"{variable} names {name!r}, which is not installed; there are {there}.")


@contextmanager
def _measuring(service: str, exporters: list[Any], *, scraped: bool) -> Iterator[None]:
    from opentelemetry import metrics
    from opentelemetry.exporter.prometheus import PrometheusMetricReader
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader

    readers: list[MetricReader] = [
        PeriodicExportingMetricReader(_made(exporter)) for exporter in exporters
    ]
    if scraped:
        readers.append(PrometheusMetricReader(scope_info_enabled=False))
    provider = MeterProvider(readers, resource=_resource(service), shutdown_on_exit=False)
    metrics.set_meter_provider(provider)
    measures.begin()
    try:
        yield
    finally:
        provider.shutdown()


@contextmanager
def _tracing(service: str, exporters: list[Any], secrets: Collection[str]) -> Iterator[None]:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from bot.spans import ByDeployment, Redacted

    provider = TracerProvider(
        resource=_resource(service), id_generator=ByDeployment(), shutdown_on_exit=False
    )
    for exporter in exporters:
        provider.add_span_processor(BatchSpanProcessor(Redacted(_made(exporter), secrets)))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()


def _made(exporter: Any) -> Any:
    """Raises: UserError - something that the exporter needs is not set."""
    try:
        return exporter()
    except ValueError as error:
        raise UserError(f"{exporter.__name__} cannot be used as it is set: {error}.") from error


def _resource(service: str) -> Any:
    from opentelemetry.sdk.resources import Resource

    told = {
        "service.version": VERSION,
        "service.instance.id": f"{socket.gethostname()}/{os.getpid()}",
    }
    if "OTEL_SERVICE_NAME" not in os.environ:
        told["service.name"] = service
    return Resource.create(told)
