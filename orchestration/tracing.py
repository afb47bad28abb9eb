"""One trace from a message to what it made: its id is made from the deployment's.

Nothing has to be carried from process to process or stored: whoever knows the deployment knows its
trace, also after a crash, and whoever reads a log finds it by the deployment's id. The spans of a
trace that nobody waited for side by side (a message, its turn, each decision, each job) have no
parent. Without an exporter (`bot.exporting`) spans cost nothing and go nowhere; the id is still
there for the log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.util.types import AttributeValue

_TRACER = trace.get_tracer("signoff")
_wanted: ContextVar[int] = ContextVar("trace", default=0)


def trace_of(deployment: str) -> int:
    """The id of the trace that a deployment and what led to it are in; never 0."""
    return int.from_bytes(sha256(deployment.encode()).digest()[:16], "big") or 1


def wanted() -> int:
    """The trace that a span without a parent belongs to here; 0 for any."""
    return _wanted.get()


def trace_id() -> str:
    """As logs and tools write it: 32 hexadecimal digits; empty outside of `about`."""
    return trace.format_trace_id(_wanted.get()) if _wanted.get() else ""


@contextmanager
def about(
    deployment: str,
    name: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    started_ns: int | None = None,
    **attributes: AttributeValue,
) -> Iterator[Span]:
    """A leg of what became, or may become, of a deployment. `started_ns`: since the epoch."""
    token = _wanted.set(trace_of(deployment))
    told = {f"signoff.{key}": value for key, value in attributes.items()}
    span = _TRACER.start_span(
        name,
        context=Context(),
        kind=kind,
        start_time=started_ns,
        attributes={"signoff.deployment": deployment, **told},
    )
    try:
        with _entered(span):
            yield span
    finally:
        _wanted.reset(token)


@contextmanager
def span(name: str, **attributes: AttributeValue) -> Iterator[Span]:
    """A part of what the present span is about."""
    told = {f"signoff.{key}": value for key, value in attributes.items()}
    with _entered(_TRACER.start_span(name, attributes=told)) as started:
        yield started


@contextmanager
def _entered(span: Span) -> Iterator[Span]:
    """An error leaves its type on the span and nothing else: its words may hold anything."""
    with trace.use_span(
        span, end_on_exit=True, record_exception=False, set_status_on_exception=False
    ):
        try:
            yield span
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise
