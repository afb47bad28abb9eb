"""A strict double of Microsoft Graph and of what gives out its tokens, over real HTTP.

It enforces what Graph enforces: a token that is its own and has not ended, 20 groups at a time,
`ConsistencyLevel` and `$count` where they are wanted; it pages, and knows only our few questions.
Faults are queued and used up one per request to Graph.

Source: Microsoft Graph v1.0 REST reference: user, group, checkMemberGroups, errors.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from orchestration.ports import Clock

TENANT = "99999999-0000-0000-0000-000000000000"
CLIENT = "cccccccc-0000-0000-0000-000000000000"
SECRET = "a secret"
_PAGE = 2
_TEXT = "'((?:[^']|'')*)'"
_CLAUSE = re.compile(
    rf"(?:(mail|userPrincipalName) eq {_TEXT}|proxyAddresses/any\(p:p eq {_TEXT}\))"
)
_FILTER = re.compile(rf"{_CLAUSE.pattern}(?: or {_CLAUSE.pattern})*")


def guid(number: int) -> str:
    return f"aaaaaaaa-0000-0000-0000-{number:012d}"


def group(number: int) -> str:
    return f"eeeeeeee-0000-0000-0000-{number:012d}"


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request to Graph."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: str = '{"error": {"code": "injected"}}'
    delay_s: float = 0.0
    cut: bool = False


class GraphDouble:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.users: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, list[str]] = {}
        """Members by group: users, or other groups."""
        self.faults: deque[Fault] = deque()
        self.down = False
        self.asked: list[str] = []
        self.tokens_given = 0
        self.token_life_s = 3599
        self.token_status = 200
        self.blind = False
        """It may list members, and tell no more of them than their ids."""
        self.url = ""
        self.cluster_token = "a token of the cluster"
        self._valid_until: dict[str, float] = {}

    def add(self, number: int, name: str, mail: str = "", **more: Any) -> str:
        """A user; its object id."""
        user = {
            "id": guid(number),
            "displayName": name,
            "userType": "Member",
            "accountEnabled": True,
            "mail": mail or None,
            "userPrincipalName": f"{number}@contoso.onmicrosoft.example",
            "proxyAddresses": [],
        }
        self.users[guid(number)] = user | more
        return guid(number)

    def revoke_tokens(self) -> None:
        self._valid_until.clear()

    async def __aenter__(self) -> "GraphDouble":
        app = web.Application()
        app.router.add_post(f"/{TENANT}/oauth2/v2.0/token", self._login)
        app.router.add_get("/msi/token", self._container)
        app.router.add_get("/metadata/identity/oauth2/token", self._machine)
        app.router.add_get("/v1.0/users", self._guarded(self._users))
        app.router.add_get("/v1.0/users/{id}", self._guarded(self._user))
        app.router.add_post("/v1.0/users/{id}/checkMemberGroups", self._guarded(self._check))
        members = "/v1.0/groups/{id}/transitiveMembers/microsoft.graph.user"
        app.router.add_get(members, self._guarded(self._members))
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    # ------------------------------------------------------------ tokens

    async def _login(self, request: web.Request) -> web.Response:
        form = await request.post()
        proof = {k: v for k, v in form.items() if k.startswith("client_") and k != "client_id"}
        if form.get("client_id") != CLIENT or proof not in self._proofs():
            problem = {"error": "invalid_client", "error_description": f"{form} is wrong"}
            return web.json_response(problem, status=401)
        if (form.get("grant_type"), form.get("scope")) != (
            "client_credentials",
            f"{self.url}/.default",
        ):
            return web.json_response({"error": "invalid_scope"}, status=400)
        return self._given({"expires_in": self.token_life_s})

    def _proofs(self) -> list[dict[str, str]]:
        """What shows that it is the app: its secret, or a token of the cluster that it trusts."""
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        trusted = {"client_assertion": self.cluster_token, "client_assertion_type": kind}
        return [{"client_secret": SECRET}, trusted]

    async def _container(self, request: web.Request) -> web.Response:
        wanted = {"api-version": "2019-08-01", "resource": self.url, "client_id": CLIENT}
        if request.headers.get("X-IDENTITY-HEADER") != SECRET or dict(request.query) != wanted:
            return web.json_response({"statusCode": 400}, status=400)
        return self._given({"expires_on": str(int(self._now_s() + self.token_life_s))})

    async def _machine(self, request: web.Request) -> web.Response:
        wanted = {"api-version": "2018-02-01", "resource": self.url}
        if request.headers.get("Metadata") != "true" or dict(request.query) != wanted:
            return web.json_response({"error": "invalid_request"}, status=400)
        return self._given({"expires_in": str(self.token_life_s)})

    def _given(self, life: dict[str, Any]) -> web.Response:
        if self.token_status != 200:
            return web.json_response({}, status=self.token_status)
        self.tokens_given += 1
        token = f"token-{self.tokens_given}"
        self._valid_until[token] = self._now_s() + self.token_life_s
        return web.json_response({"access_token": token, "token_type": "Bearer", **life})

    def _now_s(self) -> float:
        return self.clock.now().timestamp()

    # ------------------------------------------------------------ graph

    def _guarded(
        self, answer: Callable[[web.Request, Any], web.Response]
    ) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            self.asked.append(request.path_qs)
            if self.down:
                return web.Response(status=503)
            if self.faults:
                fault = self.faults.popleft()
                await asyncio.sleep(fault.delay_s)
                if fault.cut and request.transport:
                    request.transport.close()
                if fault.status:
                    return web.Response(status=fault.status, headers=fault.headers, text=fault.body)
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if self._valid_until.get(token, 0) <= self._now_s():
                return _error(401, "InvalidAuthenticationToken")
            return answer(request, await request.json() if request.can_read_body else None)

        return handle

    def _users(self, request: web.Request, _: Any) -> web.Response:
        filter = request.query.get("$filter", "")
        if not _eventual(request) or not _FILTER.fullmatch(filter):
            return _error(400, "Request_UnsupportedQuery")
        clauses = _CLAUSE.findall(filter)
        found = [u for u in self.users.values() if any(_matches(u, *each) for each in clauses)]
        return self._page(request, found)

    def _user(self, request: web.Request, _: Any) -> web.Response:
        found = self.users.get(request.match_info["id"])
        if not found:
            return _error(404, "Request_ResourceNotFound")
        return web.json_response(_selected(request, found))

    def _check(self, request: web.Request, body: Any) -> web.Response:
        if request.match_info["id"] not in self.users:
            return _error(404, "Request_ResourceNotFound")
        if len(body["groupIds"]) > 20:
            return _error(400, "Request_BadRequest")
        of = [g for g in body["groupIds"] if request.match_info["id"] in self._within(g)]
        return web.json_response({"value": of})

    def _members(self, request: web.Request, _: Any) -> web.Response:
        if not _eventual(request):
            return _error(400, "Request_UnsupportedQuery")
        if request.match_info["id"] not in self.groups:
            return _error(404, "Request_ResourceNotFound")
        members = self._within(request.match_info["id"])
        found = [self.users[each] for each in sorted(members) if each in self.users]
        if self.blind:
            found = [{"id": each["id"]} for each in found]
        return self._page(request, found)

    def _within(self, id: str) -> set[str]:
        return {m for each in self.groups.get(id, ()) for m in (each, *self._within(each))}

    def _page(self, request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
        skip = int(request.query.get("$skiptoken", 0))
        page = [_selected(request, row) for row in rows[skip : skip + _PAGE]]
        body: dict[str, Any] = {"@odata.count": len(rows), "value": page}
        if skip + _PAGE < len(rows):
            body["@odata.nextLink"] = str(request.url.update_query({"$skiptoken": skip + _PAGE}))
        return web.json_response(body)


def _eventual(request: web.Request) -> bool:
    counted = request.query.get("$count") == "true"
    return counted and request.headers.get("ConsistencyLevel") == "eventual"


def _selected(request: web.Request, row: dict[str, Any]) -> dict[str, Any]:
    """As Graph does: without `$select` the account's state and type are not told."""
    names: Iterable[str] = request.query.get("$select", "id,displayName,mail").split(",")
    return {name: row.get(name) for name in names}


def _matches(user: dict[str, Any], field: str, value: str, alias: str) -> bool:
    if field:
        return str(user[field] or "").lower() == value.replace("''", "'").lower()
    kind, _, address = alias.replace("''", "'").partition(":")
    held = [each.partition(":") for each in user["proxyAddresses"]]
    return (kind, address.lower()) in [(k, a.lower()) for k, _, a in held]


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": "no"}}, status=status)
