"""A thread's former messages, as JSON in the shape of a chat-completions request."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Message: TypeAlias = Mapping[str, Any]
ROLES = ("user", "assistant", "tool")
INTERRUPTED = json.dumps({"error": "interrupted"})


def repaired(history: Iterable[Message], *, most: int) -> list[Message]:
    """The last messages, each tool call with exactly one result right after it.

    Source: Chat completions API, 400 "must be followed by tool messages responding to each".
    """
    result: list[Message] = []
    waiting: dict[str, Message] = {}
    for message in history:
        role = message.get("role")
        if role == "tool":
            if waiting.pop(str(message.get("tool_call_id")), None) is not None:
                result.append(message)
            continue
        result += _interrupted(waiting)
        if role in ROLES:
            result.append(message)
            waiting = {call["id"]: call for call in _calls(message)}
    return _tail([*result, *_interrupted(waiting)], most)


def _calls(message: Message) -> list[Mapping[str, Any]]:
    calls = message.get("tool_calls") if message.get("role") == "assistant" else None
    return [call for call in calls or () if isinstance(call, Mapping) and "id" in call]


def _interrupted(waiting: dict[str, Message]) -> list[Message]:
    calls = list(waiting.values())
    waiting.clear()
    return [_result(call) for call in calls]


def _result(call: Message) -> Message:
    name = call.get("name", "")
    return {"role": "tool", "tool_call_id": call["id"], "name": name, "content": INTERRUPTED}


def _tail(messages: list[Message], most: int) -> list[Message]:
    """At most that many, beginning with what a person said."""
    kept = messages[-most:]
    starts = [n for n, message in enumerate(kept) if message.get("role") == "user"]
    return kept[starts[0] :] if starts else []
