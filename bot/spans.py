"""Spans as they leave: in the trace of their deployment, and without secrets."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Status

from orchestration.redaction import redact
from orchestration.tracing import wanted


class ByDeployment(RandomIdGenerator):
    """A trace that begins belongs to what it is about, if that is known."""

    def generate_trace_id(self) -> int:
        return wanted() or super().generate_trace_id()


class Redacted(SpanExporter):
    """Hands on every span with what looks like a secret hidden, whoever made it: libraries put
    the words of errors on theirs."""

    def __init__(self, exporter: SpanExporter, secrets: Collection[str] = ()) -> None:
        self._exporter = exporter
        self._secrets = frozenset(secrets)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([self._clean(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def _clean(self, span: ReadableSpan) -> ReadableSpan:
        status = span.status
        return ReadableSpan(
            name=self._text(span.name),
            context=span.context,
            parent=span.parent,
            resource=span.resource,
            attributes=self._attributes(span.attributes),
            events=[
                Event(self._text(e.name), self._attributes(e.attributes), e.timestamp)
                for e in span.events
            ],
            links=span.links,
            kind=span.kind,
            instrumentation_scope=span.instrumentation_scope,
            status=Status(
                status.status_code, status.description and self._text(status.description)
            ),
            start_time=span.start_time,
            end_time=span.end_time,
        )

    def _attributes(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        return {key: self._value(key, value) for key, value in (given or {}).items()}

    def _value(self, key: str, value: Any) -> Any:
        """Without secrets; its key says whether it is one."""
        match value:
            case str():
                return self._text(f"{key}={value}").removeprefix(f"{key}=")
            case list() | tuple():
                return [self._value(key, one) for one in value]
            case _:
                return value

    def _text(self, text: str) -> str:
        return redact(text, self._secrets)
