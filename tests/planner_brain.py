"""The embedded rules as the brain of the Azure double: one contract, over HTTP and without."""

from typing import Any

from capabilities.registry import catalogue
from orchestration.planner.offline.brain import planning, respond
from orchestration.planner.offline.reader import Reader
from tests.doubles.azure_openai import Calls

_PLANS = planning(Reader(catalogue()))


def rules(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> tuple[str, Calls]:
    last = max(n for n, message in enumerate(messages) if message["role"] == "user")
    since = messages[last + 1 :]
    names = {c["id"]: c["function"]["name"] for m in since for c in m.get("tool_calls") or []}
    results = [
        (names[m["tool_call_id"]].partition("-")[2], str(m["content"]))
        for m in since
        if m["role"] == "tool"
    ]
    rounds = sum(1 for m in since if m["role"] == "assistant")
    offered = frozenset(tool["function"]["name"].partition("-")[2] for tool in tools)
    text, calls = respond(
        _PLANS, _text(messages[0]), _text(messages[last]), results, rounds, offered
    )
    return text, [(f"signoff-{name}", arguments) for name, arguments in calls]


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)
