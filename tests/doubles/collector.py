"""An OpenTelemetry collector and an Application Insights, as far as anything is sent to them."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A span, and the service that sent it."""

    service: str
    span: Span

    @property
    def trace(self) -> str:
        return self.span.trace_id.hex()

    @property
    def attributes(self) -> Mapping[str, str]:
        return {one.key: one.value.string_value for one in self.span.attributes}


@dataclass
class Collector:
    url: str = ""
    spans: list[Seen] = field(default_factory=list)
    telemetry: list[dict[str, Any]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, there: Callable[[list[Seen]], bool]) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            while not there(self.spans):
                self.news.clear()
                await self.news.wait()

    async def traces(self, request: web.Request) -> web.Response:
        told = ExportTraceServiceRequest.FromString(await _body(request))
        for resource in told.resource_spans:
            names = {a.key: a.value.string_value for a in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [Seen(names["service.name"], span) for span in scope.spans]
        self.news.set()
        return web.Response()

    async def track(self, request: web.Request) -> web.Response:
        body = json.loads(await _body(request))
        self.telemetry += body
        self.news.set()
        count = len(body)
        return web.json_response({"itemsReceived": count, "itemsAccepted": count, "errors": []})


async def _body(request: web.Request) -> bytes:
    """aiohttp has unpacked it already when it says so."""
    body = await request.read()
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    double = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", double.traces)
    app.router.add_post("/v2.1/track", double.track)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        double.url = f"http://{host}:{port}"
        yield double
    finally:
        await runner.cleanup()
