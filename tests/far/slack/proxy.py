"""Before the emulator stands what it does not do: Slack's limits, and what it refuses.

Source: Slack's "Rate limits", the error lists of each method, "Message metadata",
"Handling user interaction" (response_url).
"""

import json
import time
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

import aiohttp
from aiohttp import web

from tests.far.pace import Pace, Window
from tests.far.slack.blockkit import MESSAGE_CHARACTERS, message_problems, view_problems
from tests.far.slack.emulator import BOT_TOKEN, Emulator
from tests.far.slack.workspace import Ephemeral, Opened, Workspace

POSTS = (Window(4, 0.9), Window(13, 10.0), Window(63, 60.0))
"""One message a second in each channel; a short burst may be ahead of that by three."""
TIERS = {
    "chat.update": (Window(50, 60.0),),
    "chat.postEphemeral": (Window(100, 60.0),),
    "chat.delete": (Window(50, 60.0),),
    "conversations.replies": (Window(50, 60.0),),
    "conversations.history": (Window(50, 60.0),),
    "conversations.open": (Window(50, 60.0),),
    "users.info": (Window(100, 60.0),),
    "users.lookupByEmail": (Window(50, 60.0),),
    "views.open": (Window(100, 60.0),),
    "views.publish": (Window(100, 60.0),),
    "views.update": (Window(100, 60.0),),
    "team.info": (Window(50, 60.0),),
}
"""Calls a minute, for the whole workspace."""
LONGEST_TEXT = 40_000
_READS = {
    "users.info",
    "users.lookupByEmail",
    "conversations.replies",
    "conversations.history",
    "auth.test",
    "team.info",
}


class Proxy:
    """`tokens` are those that are good; `facts` more that is true of a user, by id."""

    def __init__(
        self,
        emulator: Emulator,
        workspace: Workspace,
        http: aiohttp.ClientSession,
        *,
        posts: tuple[Window, ...] = POSTS,
        tiers: Mapping[str, tuple[Window, ...]] = TIERS,
        monotonic_s: Callable[[], float] = time.monotonic,
        strict: bool = True,
    ) -> None:
        self._strict = strict
        self.tokens = {BOT_TOKEN}
        self.facts: dict[str, Mapping[str, Any]] = {}
        self.problems: list[str] = []
        """What was refused because no client could draw it."""
        self.posted: Callable[[Mapping[str, Any]], None] = lambda event: None
        """Told of every message that the bot has posted or changed."""
        self._emulator = emulator
        self.workspace = workspace
        self._http = http
        self._posts = Pace(posts, monotonic_s)
        self._tiers = {method: Pace(windows, monotonic_s) for method, windows in tiers.items()}

    @property
    def refused(self) -> int:
        """How often the bot was told to slow down."""
        return self._posts.refused + sum(pace.refused for pace in self._tiers.values())

    def mount(self, app: web.Application) -> None:
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/response/{id}", self._response)

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        body = await _arguments(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if method == "oauth.v2.access":
            return await self._install(request, body)
        token = token or str(body.pop("token", ""))
        self.workspace.calls.append((method, body))
        if token not in self.tokens:
            return _error("invalid_auth" if token else "not_authed")
        if wait := self._wait_s(method, body):
            headers = {"Retry-After": str(ceil(wait))}
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers=headers
            )
        if refused := self._refused(method, body):
            return refused
        answer = await self._pass_on(method, token, body)
        self._note(method, body, answer)
        return web.json_response(self._as_slack(method, body, answer))

    def _wait_s(self, method: str, body: Mapping[str, Any]) -> float:
        if method == "chat.postMessage":
            return self._posts.wait_s(body.get("channel"))
        pace = self._tiers.get(method)
        return pace.wait_s("workspace") if pace else 0.0

    def _refused(self, method: str, body: dict[str, Any]) -> web.Response | None:
        if not self._strict:
            return None
        if method in {"chat.postMessage", "chat.update", "chat.postEphemeral"}:
            return self._bad_message(method, body)
        if method.startswith("views."):
            view = _parsed(body.get("view"))
            if found := view_problems(view):
                return self._invalid("invalid_arguments", found)
        return None

    def _bad_message(self, method: str, body: dict[str, Any]) -> web.Response | None:
        blocks = _parsed(body.get("blocks"))
        if blocks and (found := message_problems(blocks)):
            return self._invalid("invalid_blocks", found)
        if blocks and _characters(blocks) > MESSAGE_CHARACTERS:
            self.problems.append("msg_blocks_too_long")
            return _error("msg_blocks_too_long")
        if len(str(body.get("text") or "")) > LONGEST_TEXT:
            return _error("msg_too_long")
        metadata = _parsed(body.get("metadata"))
        if metadata and not _is_metadata(metadata):
            return _error("invalid_metadata_format")
        return None

    def _invalid(self, error: str, found: list[str]) -> web.Response:
        self.problems += found
        said = {"ok": False, "error": error, "response_metadata": {"messages": found}}
        return web.json_response(said)

    async def _pass_on(self, method: str, token: str, body: Mapping[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self._emulator.url}/api/{method}"
        async with self._http.post(url, json=body, headers=headers) as answer:
            if answer.status != 200:
                return {"ok": False, "error": "unknown_method", "req_method": method}
            return await answer.json()

    async def _install(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        """An installation's new token is good from then on."""
        kept = ("Authorization",)
        headers = {k: v for k, v in request.headers.items() if k in kept}
        url = f"{self._emulator.url}/api/oauth.v2.access"
        async with self._http.post(url, json=body, headers=headers) as answer:
            said = await answer.json()
        if said.get("ok"):
            self.tokens.add(said["access_token"])
        return web.json_response(said)

    def _note(self, method: str, body: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Keep what people see of it."""
        if not answer.get("ok"):
            return
        if method in {"chat.postMessage", "chat.update"}:
            self._shown(method, answer)
        elif method == "chat.postEphemeral":
            thread = str(body.get("thread_ts") or "")
            message = {**body, "blocks": _parsed(body.get("blocks"))}
            told = Ephemeral(body["channel"], body["user"], thread, message)
            self.workspace.seen.append(told)
        elif method.startswith("views."):
            user, trigger = str(body.get("user_id") or ""), str(body.get("trigger_id") or "")
            self.workspace.seen.append(Opened(user, answer["view"], trigger))

    def _shown(self, method: str, answer: Mapping[str, Any]) -> None:
        message, channel, ts = answer["message"], answer["channel"], answer["ts"]
        self.workspace.show(channel, ts, message)
        if method == "chat.update":
            changed = {"type": "message", "subtype": "message_changed", "message": message}
            self.posted({**changed, "channel": channel, "ts": f"{time.time():.6f}"})
        else:
            self.posted({**message, "type": "message", "channel": channel})

    def _as_slack(
        self, method: str, body: Mapping[str, Any], answer: dict[str, Any]
    ) -> dict[str, Any]:
        """What Slack says and the emulator does not, and the other way round."""
        if method in {"users.info", "users.lookupByEmail"} and answer.get("ok"):
            user = answer["user"]
            known = {"is_email_confirmed": True, "is_restricted": False}
            answer["user"] = {**user, **known, **self.facts.get(user["id"], {})}
        if method in {"conversations.replies", "conversations.history"} and answer.get("ok"):
            return _page(body, answer)
        return answer

    async def _response(self, request: web.Request) -> web.Response:
        """An answer to an interaction: to the person alone unless it says otherwise."""
        url = self.workspace.used(request.match_info["id"])
        if url is None:
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        body = await request.json()
        if body.get("blocks") and (found := message_problems(body["blocks"])):
            return self._invalid("invalid_blocks", found)
        if body.get("delete_original"):
            await self._emulator.call("chat.delete", channel=url.channel, ts=url.ts)
        elif body.get("replace_original") and url.ts:
            said = {k: body[k] for k in ("text", "blocks") if k in body}
            changed = await self._emulator.call(
                "chat.update", channel=url.channel, ts=url.ts, **said
            )
            self._shown("chat.update", changed)
        elif body.get("response_type") == "in_channel":
            said = {k: body[k] for k in ("text", "blocks", "thread_ts") if k in body}
            posted = await self._emulator.call("chat.postMessage", channel=url.channel, **said)
            self._shown("chat.postMessage", posted)
        else:
            told = Ephemeral(
                url.channel, url.user, str(body.get("thread_ts") or url.thread_ts), body
            )
            self.workspace.seen.append(told)
        return web.Response(text="ok")


async def _arguments(request: web.Request) -> dict[str, Any]:
    """From query, form or JSON, as Slack takes them."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        return {**found, **(await request.json())}
    return {**found, **dict(await request.post())}


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _is_metadata(metadata: Any) -> bool:
    return (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    )


def _characters(node: Any) -> int:
    """What is said in blocks: the text of everything that has one."""
    if isinstance(node, list):
        return sum(map(_characters, node))
    if not isinstance(node, dict):
        return 0
    own = node.get("text")
    return (len(own) if isinstance(own, str) else 0) + sum(map(_characters, node.values()))


def _page(body: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """A page of messages as Slack gives them: metadata only to those who ask for it."""
    messages = list(answer["messages"])
    oldest, latest = str(body.get("oldest") or "0"), str(body.get("latest") or "9" * 17)
    inclusive = str(body.get("inclusive", "")).lower() in {"1", "true"}
    root = str(body.get("ts") or "")
    messages = [
        m
        for m in messages
        if m["ts"] == root
        or oldest < m["ts"] < latest
        or (inclusive and m["ts"] in {oldest, latest})
    ]
    if str(body.get("include_all_metadata", "")).lower() not in {"1", "true"}:
        messages = [{k: v for k, v in m.items() if k != "metadata"} for m in messages]
    start = int(body.get("cursor") or 0)
    limit = min(int(body.get("limit") or 1000), 1000)
    more = start + limit < len(messages)
    said = {"ok": True, "messages": messages[start : start + limit], "has_more": more}
    return {**said, "response_metadata": {"next_cursor": str(start + limit) if more else ""}}


def _true(body: Mapping[str, Any], name: str) -> bool:
    return str(body.get(name, "")).lower() in {"1", "true"}


def _error(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error})
