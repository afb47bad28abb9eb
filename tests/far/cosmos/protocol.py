"""Azure Cosmos DB's HTTP protocol, as far as the store speaks it; what is beyond that is refused.

Left out, since nothing here uses it: writes outside a batch, patches, a list of all items, query
plans, stored procedures, hierarchical partition keys. The change feed of items is here, though
nothing but tests reads it.

Source: Azure Cosmos DB REST API reference; what azure-cosmos 4.17 sends.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args
from urllib.parse import unquote
from uuid import uuid4

from aiohttp import web

from tests.far.cosmos import charges, feed, queries, ranges
from tests.far.cosmos.account import Account, Consistency, Container
from tests.far.cosmos.batches import Transaction
from tests.far.cosmos.items import Items, Refused, place_of
from tests.far.cosmos.replies import Reply
from tests.far.faults import RAW

MAX_REQUEST_BYTES = 2 * 1024 * 1024
MAX_PAGE = 1000
_LEVELS: tuple[Consistency, ...] = get_args(Consistency)


class Protocol:
    def __init__(self, account: Account) -> None:
        self._account = account

    async def handle(self, request: web.Request) -> web.Response:
        path = unquote(request.raw_path.partition("?")[0]).strip("/")
        try:
            shown = unquote(request.headers.get("authorization", ""))
            self._account.check(request.method, path, request.headers, shown)
            reply = self._reply(request, path)
        except Refused as refused:
            reply = _refusal(refused)
        return _response(reply)

    def _reply(self, request: web.Request, path: str) -> Reply:
        if not request.headers.get("x-ms-version"):
            raise Refused(400, "a request names its API version")
        match [request.method, *path.split("/", 4)]:
            case ["GET", ""]:
                return self._about(f"{request.scheme}://{request.host}/")
            case ["POST", "dbs"]:
                return Reply(201, self._account.make_database(_body(request)["id"]))
            case ["DELETE", "dbs", database]:
                self._account.database(database)
                del self._account.databases[database]
                return Reply(204)
            case ["POST", "dbs", database, "colls"]:
                properties = _body(request)
                made = self._account.make_container(database, properties["id"], properties)
                return Reply(201, made.properties)
            case ["GET", "dbs", database, "colls", name]:
                return Reply(200, self._account.container(database, name, 0).properties)
            case ["DELETE", "dbs", database, "colls", name]:
                self._account.container(database, name)
                del self._account.databases[database][name]
                return Reply(204)
            case [method, "dbs", database, "colls", name, rest]:
                container = self._account.container(database, name)
                return self._within(request, container, method, rest)
            case _:
                raise Refused(400, f"{request.method} {path} is not in this double")

    def _about(self, url: str) -> Reply:
        here = [{"name": "Here", "databaseAccountEndpoint": self._account.region or url}]
        policy = {"defaultConsistencyLevel": self._account.consistency}
        return Reply(
            200,
            {
                "id": "double",
                "writableLocations": here,
                "readableLocations": here,
                "enableMultipleWriteLocations": False,
                "userConsistencyPolicy": policy,
            },
        )

    def _within(self, request: web.Request, container: Container, method: str, rest: str) -> Reply:
        meant = request.headers.get("x-ms-cosmos-intended-collection-rid")
        if meant not in (None, container.rid):
            raise Refused(400, "the container has been made again", 1024)
        if (method, rest) == ("POST", "docs"):
            if _is(request, "x-ms-documentdb-isquery"):
                return self._query(request, container)
            if _is(request, "x-ms-cosmos-is-batch-request"):
                return self._batch(request, container)
        if method == "GET" and rest.startswith("docs/"):
            return self._read(request, container, rest.removeprefix("docs/"))
        if (method, rest) == ("GET", "docs"):
            return self._feed(request, container)
        if (method, rest) == ("GET", "pkranges"):
            return ranges.changes(request.headers, container)
        raise Refused(400, f"{method} {rest} is not in this double")

    def _read(self, request: web.Request, container: Container, id: str) -> Reply:
        entry = container.items.get(_partition(request), id)
        if entry is None:
            raise Refused(404, "there is no such item")
        charge = charges.read(entry.size) * self._dear(request)
        return Reply(200, entry.text, charge, {"etag": entry.etag})

    def _batch(self, request: web.Request, container: Container) -> Reply:
        if not _is(request, "x-ms-cosmos-batch-atomic"):
            raise Refused(400, "this double does batches as a whole only")
        if len(request[RAW]) > MAX_REQUEST_BYTES:
            raise Refused(413, f"the batch has {len(request[RAW])} bytes")
        transaction = Transaction(container.items, _partition(request), container.indexed)
        status, done = transaction.run(_body(request))
        answers, charge = [one.answer() for one in done], sum(one.charge for one in done)
        return Reply(status, answers, charge, _session(container, _partition(request)))

    def _query(self, request: web.Request, container: Container) -> Reply:
        if request.content_type != "application/query+json":
            raise Refused(400, f"a query is not {request.content_type}")
        asked, headers = _body(request), request.headers
        query = queries.Query(
            text=asked["query"],
            parameters={one["name"]: one["value"] for one in asked.get("parameters", [])},
            partition=_partition(request) if "x-ms-documentdb-partitionkey" in headers else None,
            cross_partition=_is(request, "x-ms-documentdb-query-enablecrosspartition"),
            most=_most(headers.get("x-ms-max-item-count", "-1")),
            continuation=headers.get("x-ms-continuation"),
            lsn=self._lsn(request, container.items),
        )
        answer = queries.answer(container.items, container.policy, query)
        documents = b",".join(answer.documents)
        count = len(answer.documents)
        body = b'{"_rid":"%s","Documents":[%s],"_count":%d}'
        more = {"x-ms-continuation": answer.continuation} if answer.continuation else {}
        text = body % (container.rid.encode(), documents, count)
        return Reply(200, text, answer.charge * self._dear(request), more)

    def _feed(self, request: web.Request, container: Container) -> Reply:
        headers = request.headers
        if self._level(request) != self._account.consistency:
            raise Refused(400, "this double gives changes at the account's own consistency only")
        partition = _partition(request) if "x-ms-documentdb-partitionkey" in headers else None
        most = _most(headers.get("x-ms-max-item-count", "-1"))
        reply = feed.changes(headers, container, partition, most)
        return replace(reply, charge=reply.charge * self._dear(request))

    def _level(self, request: web.Request) -> Consistency:
        """Raises: Refused - it is more than the account's."""
        asked = request.headers.get("x-ms-consistency-level", self._account.consistency)
        if asked not in _LEVELS or _LEVELS.index(asked) < _LEVELS.index(self._account.consistency):
            raise Refused(400, f"consistency {asked} is not to be had of this account")
        return asked

    def _dear(self, request: web.Request) -> float:
        return 2.0 if self._level(request) in ("Strong", "BoundedStaleness") else 1.0

    def _lsn(self, request: web.Request, items: Items) -> int | None:
        """The write that has to be seen, where no later one has to be."""
        token = request.headers.get("x-ms-session-token")
        if self._level(request) != "Session" or self._account.consistency == "Session":
            return None
        if not token:
            raise Refused(400, "this double wants the session that a request is to be of")
        lsn = int(token.split("#")[1])
        if lsn > items.lsn:
            raise Refused(404, "no replica has come as far as that session", 1002)
        return lsn


def _session(container: Container, partition: str) -> Mapping[str, str]:
    items = container.items
    range_ = items.range_of(place_of(partition, "")[0])
    return {"x-ms-session-token": f"{range_.id}:-1#{items.lsn}"}


def _partition(request: web.Request) -> str:
    try:
        (partition,) = json.loads(request.headers["x-ms-documentdb-partitionkey"])
    except (KeyError, ValueError):
        raise Refused(400, "a request names one partition key", 1001) from None
    if not isinstance(partition, str):
        raise Refused(400, "a partition key is text", 1001)
    return partition


def _most(text: str) -> int:
    return int(text) if 0 < int(text) < MAX_PAGE else MAX_PAGE


def _is(request: web.Request, header: str) -> bool:
    return request.headers.get(header, "").lower() == "true"


def _body(request: web.Request) -> Any:
    try:
        return json.loads(request[RAW])
    except ValueError:
        raise Refused(400, "the body is not JSON") from None


def _refusal(refused: Refused) -> Reply:
    named = {"x-ms-substatus": str(refused.substatus)} if refused.substatus else {}
    return Reply(
        refused.status,
        {"code": str(refused.status), "message": refused.why},
        charges.MISSED,
        named,
    )


def _response(reply: Reply) -> web.Response:
    body = reply.body
    if not isinstance(body, bytes):
        body = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    headers = {
        "x-ms-activity-id": str(uuid4()),
        "x-ms-request-charge": f"{reply.charge:.2f}",
        **reply.headers,
    }
    return web.Response(
        body=body, status=reply.status, headers=headers, content_type="application/json"
    )
