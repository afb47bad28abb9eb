"""A small Slack over HTTP that refuses what the real one refuses, and can misbehave on demand."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

TEAM, BOT, BOT_ID, TOKEN = "T0000001", "U0000BOT", "B0000BOT", "xoxb-test"
CHANNEL = "C0000001"
Body = dict[str, Any]
_CLASSIC = {"section", "header", "divider", "context", "actions", "image", "input", "rich_text"}
_MODERN = {*_CLASSIC, "markdown", "table", "container", "alert", "card", "carousel"}


class Refusal(Exception):
    """An answer with `ok: false`."""


@dataclass
class Fault:
    """What happens to the next call of a method. `after`: it takes effect, the answer is lost."""

    kind: str
    retry_after_s: int = 1


def member(id: str, name: str, **more: Any) -> Body:
    return {
        "id": id,
        "team_id": TEAM,
        "name": name,
        "deleted": False,
        "is_bot": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_email_confirmed": True,
        "profile": {"email": f"{name}@example.com"},
        **more,
    }


@dataclass
class SlackApi:
    """One workspace or several: `tokens` says for which of them a token speaks."""

    tokens: dict[str, str] = field(default_factory=lambda: {TOKEN: TEAM})
    channels: dict[str, str] = field(default_factory=lambda: {CHANNEL: "general"})
    users: dict[str, Body] = field(default_factory=dict)
    messages: dict[str, list[Body]] = field(default_factory=dict)
    ephemeral: list[Body] = field(default_factory=list)
    responses: list[Body] = field(default_factory=list)
    views: list[Body] = field(default_factory=list)
    homes: dict[str, Body] = field(default_factory=dict)
    calls: list[tuple[str, Body]] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    triggers: dict[str, float] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    envelopes: list[Body] = field(default_factory=list)
    classic: bool = False
    answer_after_s: float = 0.0
    file_after_s: float = 0.0
    url: str = ""
    _ts: Any = field(default_factory=lambda: itertools.count(1_700_000_000))

    def count(self, method: str) -> int:
        return sum(called == method for called, _ in self.calls)

    def fail(self, method: str, kind: str, *, times: int = 1, retry_after_s: int = 1) -> None:
        """`limited`, `before` and `after` (the connection drops), `500`, or Slack's word."""
        self.faults.setdefault(method, []).extend([Fault(kind, retry_after_s)] * times)

    def trigger(self) -> str:
        self.triggers[trigger := f"trigger.{next(self._ts)}"] = time.monotonic()
        return trigger

    def write(self, channel: str, user: str, text: str, **more: Any) -> Body:
        """A message of a person."""
        message = {"type": "message", "user": user, "text": text, "ts": self._new_ts(), **more}
        self.messages.setdefault(channel, []).append(message)
        return message

    def thread(self, channel: str, ts: str) -> list[Body]:
        found = self.messages.get(channel, [])
        return [m for m in found if m["ts"] == ts or m.get("thread_ts") == ts]

    def _new_ts(self) -> str:
        return f"{next(self._ts)}.000100"

    # -------------------------------------------------------------- HTTP

    async def api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        body = {**dict(request.query), **await _body(request)}
        self.calls.append((method, body))
        await asyncio.sleep(self.answer_after_s)
        fault = self.faults[method].pop(0) if self.faults.get(method) else None
        if fault and (answer := self._broken(request, fault)):
            return answer
        try:
            found = await self._answer(request, method, body)
        except Refusal as refusal:
            return web.json_response({"ok": False, "error": str(refusal)})
        if fault:
            _drop(request)
        return web.json_response({"ok": True, **found})

    def _broken(self, request: web.Request, fault: Fault) -> web.Response | None:
        match fault.kind:
            case "after":
                return None
            case "before":
                _drop(request)
                return web.Response(status=500)
            case "500":
                return web.Response(status=500, text="<html>oops</html>", content_type="text/html")
            case "limited":
                wait = {"Retry-After": str(fault.retry_after_s)}
                body = {"ok": False, "error": "ratelimited"}
                return web.json_response(body, status=429, headers=wait)
            case code:
                return web.json_response({"ok": False, "error": code})

    async def _answer(self, request: web.Request, method: str, body: Body) -> Body:
        if method == "oauth.v2.access":
            return self._oauth(body)
        if method == "apps.connections.open":
            return {"url": self.url.replace("http", "ws") + "socket"}
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            raise Refusal("invalid_auth" if token else "not_authed")
        handler: Callable[[Body, str], Body] | None = {
            "auth.test": self._auth_test,
            "users.info": self._users_info,
            "users.lookupByEmail": self._users_lookup,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.postEphemeral": self._post_ephemeral,
            "conversations.replies": self._replies,
            "conversations.history": self._history,
            "conversations.list": self._list,
            "conversations.open": self._open_direct,
            "views.open": self._open,
            "views.publish": self._publish,
        }.get(method)
        if handler is None:
            raise Refusal("unknown_method")
        return handler(body, self.tokens[token])

    # -------------------------------------------------------------- methods

    def _auth_test(self, body: Body, team: str) -> Body:
        who = {"user_id": BOT, "bot_id": BOT_ID, "url": "https://acme.slack.com/"}
        return {"team_id": team, "team": "Acme", "user": "signoff", **who}

    def _users_lookup(self, body: Body, team: str) -> Body:
        members = (u for u in self.users.values() if u["profile"].get("email") == body["email"])
        if (found := next(members, None)) is None:
            raise Refusal("users_not_found")
        return {"user": found}

    def _users_info(self, body: Body, team: str) -> Body:
        if body.get("user") not in self.users:
            raise Refusal("user_not_found")
        return {"user": self.users[body["user"]]}

    def _post(self, body: Body, team: str) -> Body:
        channel = self._channel(body["channel"])
        self._check(body)
        thread = body.get("thread_ts")
        if thread and not self.thread(channel, thread):
            raise Refusal("thread_not_found")
        kept = {k: body[k] for k in ("text", "blocks", "metadata", "thread_ts") if body.get(k)}
        message = {"user": BOT, "bot_id": BOT_ID, "ts": self._new_ts(), **kept}
        self.messages.setdefault(channel, []).append(message)
        return {"channel": channel, "ts": message["ts"], "message": message}

    def _update(self, body: Body, team: str) -> Body:
        self._check(body)
        for message in self.messages.get(body["channel"], []):
            if message["ts"] == body["ts"]:
                message.update(text=body.get("text", ""), blocks=body.get("blocks", []))
                return {"channel": body["channel"], "ts": body["ts"]}
        raise Refusal("message_not_found")

    def _post_ephemeral(self, body: Body, team: str) -> Body:
        self._channel(body["channel"])
        self._check(body)
        if body["user"] not in self.users:
            raise Refusal("user_not_in_channel")
        self.ephemeral.append(body)
        return {"message_ts": self._new_ts()}

    def _replies(self, body: Body, team: str) -> Body:
        return _page(self.thread(body["channel"], body["ts"]), body)

    def _history(self, body: Body, team: str) -> Body:
        self._by_id(body["channel"])
        top = [m for m in self.messages.get(body["channel"], []) if not m.get("thread_ts")]
        return _page(top[::-1], body)

    def _list(self, body: Body, team: str) -> Body:
        return {"channels": [{"id": id, "name": name} for id, name in self.channels.items()]}

    def _open_direct(self, body: Body, team: str) -> Body:
        if body["users"] not in self.users:
            raise Refusal("user_not_found")
        return {"channel": {"id": f"D{body['users']}"}}

    def _open(self, body: Body, team: str) -> Body:
        issued = self.triggers.pop(body.get("trigger_id", ""), None)
        if issued is None or time.monotonic() - issued > 3.0:
            raise Refusal("expired_trigger_id")
        view = body["view"]
        if len(view.get("private_metadata", "")) > 3000 or len(view["callback_id"]) > 255:
            raise Refusal("invalid_arguments")
        self.views.append(view)
        return {"view": view}

    def _publish(self, body: Body, team: str) -> Body:
        if len(body["view"]["blocks"]) > 100:
            raise Refusal("invalid_arguments")
        self.homes[body["user_id"]] = body["view"]
        return {}

    def _oauth(self, body: Body) -> Body:
        if body.get("grant_type") == "refresh_token":
            team = self.refresh_tokens.pop(body["refresh_token"], None)
            if team is None:
                raise Refusal("invalid_refresh_token")
        elif body.get("code") == "good":
            team = TEAM
        else:
            raise Refusal("invalid_code")
        token, refresh = f"xoxe.xoxb-{next(self._ts)}", f"xoxe-{next(self._ts)}"
        self.tokens[token], self.refresh_tokens[refresh] = team, team
        bot = {"token_type": "bot", "access_token": token, "refresh_token": refresh}
        who = {
            "team": {"id": team},
            "bot_user_id": BOT,
            "authed_user": {"id": "U1"},
            "app_id": "A1",
        }
        return {**bot, **who, "expires_in": 43200, "scope": "chat:write"}

    # -------------------------------------------------------------- rules

    def _channel(self, name: str) -> str:
        """The id of a channel that the bot is in; posting takes a name too."""
        by_name = {f"#{value}": key for key, value in self.channels.items()}
        return self._by_id(by_name.get(name, name))

    def _by_id(self, channel: str) -> str:
        if channel not in self.channels and not channel.startswith("D"):
            raise Refusal("channel_not_found")
        return channel

    def _check(self, body: Body) -> None:
        blocks = body.get("blocks") or []
        if not body.get("text") and not blocks:
            raise Refusal("no_text")
        known = _CLASSIC if self.classic else _MODERN
        if len(blocks) > 50 or any(block.get("type") not in known for block in blocks):
            raise Refusal("invalid_blocks")
        if len(json.dumps(blocks, ensure_ascii=False)) > 13_200:
            raise Refusal("msg_blocks_too_long")

    # -------------------------------------------------------------- beside the API

    async def respond(self, request: web.Request) -> web.Response:
        self.responses.append(await request.json())
        return web.Response(text="ok")

    async def file(self, request: web.Request) -> web.Response:
        self.calls.append(("file", {}))
        await asyncio.sleep(self.file_after_s)
        content = self.files.get(request.match_info["name"])
        allowed = request.headers.get("Authorization", "").removeprefix("Bearer ") in self.tokens
        return web.Response(body=content) if content and allowed else web.Response(status=404)

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello"})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.envelopes.append(json.loads(message.data))
        return socket


async def _body(request: web.Request) -> Body:
    if request.content_type == "application/json":
        found: Body = json.loads(await request.read() or b"{}")
        return found
    form = await request.post()
    return {key: str(value) for key, value in form.items()}


def _page(messages: list[Body], body: Body) -> Body:
    start, limit = int(body.get("cursor") or 0), int(body.get("limit", 100))
    following = str(start + limit) if start + limit < len(messages) else ""
    shown = messages[start : start + limit]
    if str(body.get("include_all_metadata")).lower() not in ("1", "true"):
        shown = [{k: v for k, v in m.items() if k != "metadata"} for m in shown]
    return {"messages": shown, "response_metadata": {"next_cursor": following}}


def _drop(request: web.Request) -> None:
    if request.transport:
        request.transport.close()


@asynccontextmanager
async def slack_api() -> AsyncIterator[SlackApi]:
    """A Slack that listens on the loopback."""
    slack = SlackApi()
    slack.users = {
        "UANA": member("UANA", "ana"),
        "UOMAR": member("UOMAR", "omar"),
        "UBOTTY": member("UBOTTY", "botty", is_bot=True),
        "UGUEST": member("UGUEST", "guest", is_restricted=True),
        "UFAR": member("UFAR", "far", team_id="T9999999"),
        "UNOBODY": member("UNOBODY", "nobody"),
        "UNEW": member("UNEW", "lena", is_email_confirmed=False),
    }
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.api)
    app.router.add_post("/respond", slack.respond)
    app.router.add_get("/files/{name}", slack.file)
    app.router.add_get("/api/socket", slack.socket)
    async with listening(app) as url:
        slack.url = f"{url}/api/"
        yield slack


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def eventually(seen: Callable[[], object], *, within_s: float = 3.0) -> None:
    """Wait until it is so. Raises: TimeoutError - it is not."""
    async with asyncio.timeout(within_s):
        while not seen():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


Sleeping = Callable[[float], Awaitable[None]]
