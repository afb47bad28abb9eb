"""A strict double of Azure Resource Manager and of a Databricks workspace, over real TLS.

It enforces what they enforce: a token for their own audience, an API version that the kind of
resource has, filters that can be combined, pages. Faults are queued and used up one per request.

Source: Azure Resource Manager REST API, "resources", "role assignments"; Databricks REST API.
"""

import asyncio
import base64
import json
import re
import ssl
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.doubles.certificates import Certificate

ARM_HOST = "management.azure.com"
WORKSPACE_HOST = "adb-1234567890123456.7.azuredatabricks.net"
MANAGEMENT, DATABRICKS = "https://management.azure.com", "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"
_OF_A_SERVICE = "https://management.core.windows.net"
SUBSCRIPTION = "aaaaaaaa-0000-0000-0000-000000000001"
_PAGE = 2
_VERSIONS = {
    "": ("2021-04-01", "2022-12-01"),
    "microsoft.storage/storageaccounts": ("2023-01-01", "2023-05-01", "2024-01-01"),
    "microsoft.cognitiveservices/accounts": ("2023-05-01", "2024-10-01"),
    "microsoft.databricks/workspaces": ("2023-02-01", "2024-05-01"),
    "microsoft.databricks/accessconnectors": ("2023-05-01", "2024-05-01"),
    "microsoft.authorization/roleassignments": ("2022-04-01",),
    "microsoft.authorization/roledefinitions": ("2022-04-01",),
}
_TAGGED = re.compile(r"tagName eq '([^']+)' and tagValue eq '([^']+)'")
_ROLE = re.compile(r"roleName eq '([^']+)'")


@dataclass(frozen=True)
class Fault:
    status: int
    code: str = "Injected"
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0


@dataclass
class ManagerDouble:
    state: str = "Enabled"
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By id in lower case; each has its own `id` and `type`."""
    roles: dict[str, str] = field(default_factory=dict)
    assignments: list[dict[str, Any]] = field(default_factory=list)
    inside: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What is in the Databricks workspace: `clusters`, `instance_pools`, `policies`."""
    workspace_id: str = ""
    faults: deque[Fault] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)

    def put(self, id: str, **body: Any) -> str:
        parts = id.split("/providers/")[-1].split("/")
        kind = "/".join([parts[0], *parts[1::2]])
        self.things[id.lower()] = {"id": id, "type": kind, **body}
        return id

    @asynccontextmanager
    async def listening(self, certificate: Certificate) -> AsyncIterator[int]:
        app = web.Application()
        app.router.add_route("*", "/{any:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=certificate.server()).start()
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()

    @asynccontextmanager
    async def reached(self, certificate: Certificate) -> AsyncIterator[aiohttp.ClientSession]:
        """A session for which the two hosts are here."""
        trusting = ssl.create_default_context(cafile=certificate.path)
        async with self.listening(certificate) as port:
            connector = aiohttp.TCPConnector(resolver=_Loopback(port), ssl=trusting)
            async with aiohttp.ClientSession(connector=connector) as http:
                yield http

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if self.faults:
            fault = self.faults.popleft()
            await asyncio.sleep(fault.after_s)
            return _problem(fault.status, fault.code, fault.headers)
        if request.method != "GET":
            return _problem(405, "MethodNotAllowed")
        if request.host == WORKSPACE_HOST:
            return self._databricks(request)
        return self._manager(request)

    def _manager(self, request: web.Request) -> web.Response:
        if _audience(request.headers.get("Authorization", "")) != MANAGEMENT:
            return _problem(401, "InvalidAuthenticationToken")
        version = request.query.get("api-version")
        if not version:
            return _problem(400, "MissingApiVersionParameter")
        parts = request.path.split("/providers/")[-1].lower().split("/")
        kind = "/".join(parts[:2]) if "/providers/" in request.path else ""
        if version not in _VERSIONS.get(kind, ()):
            return _problem(400, "NoRegisteredProviderFound")
        if not request.path.lower().startswith(f"/subscriptions/{SUBSCRIPTION}"):
            return _problem(404, "SubscriptionNotFound")
        if request.path.count("/") == 2:
            body = {"subscriptionId": SUBSCRIPTION, "displayName": "Contoso", "state": self.state}
            return web.json_response(body)
        if kind == "microsoft.authorization/roledefinitions":
            return self._definitions(request)
        if kind == "microsoft.authorization/roleassignments":
            return self._assigned(request)
        if request.path == f"/subscriptions/{SUBSCRIPTION}/resources":
            return self._tagged(request)
        return self._thing(request.path)

    def _thing(self, id: str) -> web.Response:
        if found := self.things.get(id.lower()):
            return web.json_response(found)
        group = "/".join(id.lower().split("/")[:5])
        if group not in self.things:
            return _problem(404, "ResourceGroupNotFound")
        return _problem(404, "ResourceNotFound")

    def _tagged(self, request: web.Request) -> web.Response:
        asked = _TAGGED.fullmatch(request.query.get("$filter", ""))
        if not asked:
            return _problem(400, "InvalidFilterInQueryString")
        name, value = asked.groups()
        is_so = (t for t in self.things.values() if (t.get("tags") or {}).get(name) == value)
        return _paged(request, [{k: t[k] for k in ("id", "type", "tags")} for t in is_so])

    def _definitions(self, request: web.Request) -> web.Response:
        asked = _ROLE.fullmatch(request.query.get("$filter", ""))
        if not asked:
            return _problem(400, "UnsupportedQuery")
        guid = self.roles.get(asked[1])
        return _paged(request, [{"id": f"/{_DEFINITIONS}/{guid}"}] if guid else [])

    def _assigned(self, request: web.Request) -> web.Response:
        """Those on the scope and on what it lies in."""
        if request.query.get("$filter") != "atScope()":
            return _problem(400, "UnsupportedQuery")
        scope = request.path.lower().rpartition("/providers/microsoft.authorization")[0]
        above = (a for a in self.assignments if scope.startswith(a["properties"]["scope"].lower()))
        return _paged(request, list(above))

    def assign(self, scope: str, role: str, principal: str, guid: str) -> str:
        definition = f"/subscriptions/{SUBSCRIPTION}/{_DEFINITIONS}/{self.roles[role]}"
        id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{guid}"
        told = {"scope": scope, "roleDefinitionId": definition, "principalId": principal}
        self.assignments.append({"id": id, "properties": told})
        return id

    def _databricks(self, request: web.Request) -> web.Response:
        by_service = request.headers.get("X-Databricks-Azure-SP-Management-Token", "")
        told = request.headers.get("X-Databricks-Azure-Workspace-Resource-Id", "")
        known = _audience(request.headers.get("Authorization", "")) == DATABRICKS
        if not known or _audience(f"Bearer {by_service}") != _OF_A_SERVICE:
            return web.json_response({"error_code": "401", "message": "no"}, status=401)
        if told != self.workspace_id:
            return web.json_response({"error_code": "PERMISSION_DENIED"}, status=403)
        rows = _LISTS.get(request.path)
        if rows is None:
            return web.json_response({"error_code": "ENDPOINT_NOT_FOUND"}, status=404)
        all = self.inside.get(rows, [])
        if rows != "clusters":
            return web.json_response({rows: all} if all else {})
        start = int(request.query.get("page_token") or 0)
        more = str(start + _PAGE) if start + _PAGE < len(all) else ""
        return web.json_response({rows: all[start : start + _PAGE], "next_page_token": more})


_DEFINITIONS = "providers/Microsoft.Authorization/roleDefinitions"
_LISTS = {
    "/api/2.1/clusters/list": "clusters",
    "/api/2.0/instance-pools/list": "instance_pools",
    "/api/2.0/policies/clusters/list": "policies",
}


def _paged(request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
    start = int(request.query.get("$skiptoken", "0"))
    body: dict[str, Any] = {"value": rows[start : start + _PAGE]}
    if start + _PAGE < len(rows):
        there = request.url.with_scheme("https").update_query({"$skiptoken": str(start + _PAGE)})
        body["nextLink"] = str(there)
    return web.json_response(body)


def _audience(header: str) -> str:
    """Whom a token is for: that of `Person`, or a JWT."""
    token = header.removeprefix("Bearer ")
    if token.startswith("for "):
        return token.removeprefix("for ").removesuffix("/.default").rstrip("/")
    if token.count(".") != 2:
        return ""
    return str(json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["aud"])


def _problem(status: int, code: str, headers: Mapping[str, str] | None = None) -> web.Response:
    body = {"error": {"code": code, "message": f"{code}: secret-in-a-message"}}
    return web.json_response(body, status=status, headers=headers)


class _Loopback(AbstractResolver):
    """Takes the two hosts to a port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        if host not in (ARM_HOST, WORKSPACE_HOST):
            raise OSError(f"nobody is called {host}")
        found = ResolveResult(
            hostname=host, host="127.0.0.1", port=self._port, family=2, proto=0, flags=0
        )
        return [found]

    async def close(self) -> None: ...
