"""Azure Cosmos DB on loopback: a real server that the real SDK talks to, and that can fail."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ssl import SSLContext

from aiohttp import web

from orchestration.ports import Clock
from tests.far.cosmos.account import Account, Consistency
from tests.far.cosmos.protocol import MAX_REQUEST_BYTES, Protocol
from tests.far.faults import Faults, striking
from tests.far.site import Site


class CosmosDouble:
    """`account` has what is kept, `faults` what goes wrong next, `site` can go away.

    `requests` and `charged` are by kind, as `kind` says it.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        consistency: Consistency = "Strong",
        tls: SSLContext | None = None,
        account: Account | None = None,
    ) -> None:
        """`account`: of another one, of which this is a region."""
        self.account = account or Account(lambda: clock.now().timestamp(), consistency=consistency)
        self.faults = Faults()
        self.requests: Counter[str] = Counter()
        self.charged: defaultdict[str, float] = defaultdict(float)
        self._protocol = Protocol(self.account)
        self.app = web.Application(
            client_max_size=2 * MAX_REQUEST_BYTES, middlewares=[striking(self.faults)]
        )
        self.site = Site(self.app, tls=tls)

    async def start(self) -> None:
        self.app.router.add_route("*", "/{path:.*}", self._handle)
        await self.site.start()

    @property
    def url(self) -> str:
        return f"{self.site.url}/"

    async def away(self, seconds: float) -> None:
        """Connections are refused, and those that are open are cut, for that long."""
        await self.site.down()
        await asyncio.sleep(seconds)
        await self.site.up()

    async def _handle(self, request: web.Request) -> web.Response:
        response = await self._protocol.handle(request)
        self.requests[kind(request)] += 1
        self.charged[kind(request)] += float(response.headers["x-ms-request-charge"])
        return response


def kind(request: web.Request) -> str:
    """batch, query, read, feed or other."""
    if request.headers.get("x-ms-cosmos-is-batch-request", "").lower() == "true":
        return "batch"
    if request.headers.get("x-ms-documentdb-isquery", "").lower() == "true":
        return "query"
    if request.method != "GET":
        return "other"
    path = request.path.rstrip("/")
    return "feed" if path.endswith("/docs") else "read" if "/docs/" in path else "other"


def writes(request: web.Request) -> bool:
    """For `Faults.add`."""
    return kind(request) == "batch"


def reads(request: web.Request) -> bool:
    return kind(request) in ("read", "query", "feed")


def items(request: web.Request) -> bool:
    return kind(request) != "other"


@asynccontextmanager
async def cosmos_double(
    clock: Clock,
    *,
    consistency: Consistency = "Strong",
    tls: SSLContext | None = None,
    account: Account | None = None,
) -> AsyncIterator[CosmosDouble]:
    double = CosmosDouble(clock, consistency=consistency, tls=tls, account=account)
    await double.start()
    try:
        yield double
    finally:
        await double.site.stop()
