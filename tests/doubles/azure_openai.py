"""A strict double of Azure OpenAI's chat completions over real HTTP.

It enforces what the service enforces (api-version, key, a result for every tool call, tool names)
and answers with a brain, any callable; faults are queued and used up one per request.

Source: Azure OpenAI REST reference 2024-10-21, chat completions and its errors.
"""

import asyncio
import json
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Calls = list[tuple[str, Any]]
Brain = Callable[[list[dict[str, Any]], list[dict[str, Any]]], tuple[str, Calls]]

FILTER = {
    "error": {
        "message": "The response was filtered due to the prompt triggering the policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {
            "code": "ResponsibleAIPolicyViolation",
            "content_filter_result": {"jailbreak": {"filtered": True, "detected": True}},
        },
    }
}
UNANSWERED = "An assistant message with 'tool_calls' must be followed by tool messages."


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request, instead of or on the way to its answer."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=lambda: {"error": {"message": "injected"}})
    delay_s: float = 0.0
    cut: bool = False
    text: str = ""
    calls: Calls = field(default_factory=list)
    finish: str = ""


class AzureOpenAI:
    def __init__(self, brain: Brain) -> None:
        self.brain = brain
        self.faults: deque[Fault] = deque()
        self.requests: list[dict[str, Any]] = []
        self.url = ""

    async def __aenter__(self) -> "AzureOpenAI":
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/openai/deployments/{deployment}/chat/completions", self._chat)
        app.router.add_post("/v1/chat/completions", self._chat)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        deployment = request.match_info.get("deployment", body.get("model"))
        self.requests.append({"deployment": deployment, "body": body})
        refusal = _refused(request, body)
        if refusal:
            return web.json_response({"error": {"message": refusal, "code": "400"}}, status=400)
        fault = self.faults.popleft() if self.faults else Fault()
        await asyncio.sleep(fault.delay_s)
        if fault.status:
            return web.json_response(fault.body, status=fault.status, headers=fault.headers)
        answer = json.dumps(self._answer(body, fault)).encode()
        if fault.cut:
            return await _cut(request, answer)
        return web.Response(body=answer, content_type="application/json")

    def _answer(self, body: dict[str, Any], fault: Fault) -> dict[str, Any]:
        text, calls = fault.text, fault.calls
        if not text and not calls:
            text, calls = self.brain(body["messages"], body.get("tools") or [])
        made = [_call(name, arguments) for name, arguments in calls]
        message = {"role": "assistant", "content": text or None}
        choice = {
            "index": 0,
            "finish_reason": fault.finish or ("tool_calls" if made else "stop"),
            "message": {**message, "tool_calls": made} if made else message,
        }
        usage = {"prompt_tokens": len(json.dumps(body)) // 4, "completion_tokens": 20}
        usage["total_tokens"] = sum(usage.values())
        return {
            "id": f"chatcmpl-{uuid.uuid4().hex[:8]}",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt",
            "choices": [choice],
            "usage": usage,
        }


def _refused(request: web.Request, body: dict[str, Any]) -> str:
    azure = request.path.startswith("/openai/")
    if azure and "api-version" not in request.query:
        return "api-version is required"
    if "api-key" not in request.headers and "Authorization" not in request.headers:
        return "no credentials"
    if any(len(tool["function"]["name"]) > 64 for tool in body.get("tools") or []):
        return "a tool name is too long"
    waiting: set[str] = set()
    for message in body["messages"]:
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                return "a tool message must follow its call"
            waiting.discard(message["tool_call_id"])
        elif waiting:
            return UNANSWERED
        waiting |= {call["id"] for call in message.get("tool_calls") or []}
    return UNANSWERED if waiting else ""


def _call(name: str, arguments: Any) -> dict[str, Any]:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    function = {"name": name, "arguments": text}
    return {"id": f"call_{uuid.uuid4().hex[:8]}", "type": "function", "function": function}


async def _cut(request: web.Request, answer: bytes) -> web.StreamResponse:
    """Promises the whole answer and closes after half of it."""
    response = web.StreamResponse(headers={"Content-Length": str(len(answer))})
    response.content_type = "application/json"
    await response.prepare(request)
    await response.write(answer[: len(answer) // 2])
    assert request.transport is not None
    request.transport.close()
    return response


def silent(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> tuple[str, Calls]:
    """A brain that only talks."""
    return "Hello.", []
