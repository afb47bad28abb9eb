"""Stored messages <-> Semantic Kernel's chat history."""

from collections.abc import Iterable, Mapping
from typing import Any

from semantic_kernel.contents import (
    ChatHistory,
    ChatMessageContent,
    FunctionCallContent,
    FunctionResultContent,
)
from semantic_kernel.contents.utils.author_role import AuthorRole

from orchestration.planner.history import Message


def loaded(system: str, messages: Iterable[Message], text: str) -> ChatHistory:
    history = ChatHistory(system_message=system)
    for message in messages:
        history.add_message(_content(message))
    history.add_user_message(text)
    return history


def _content(message: Message) -> ChatMessageContent:
    text = str(message.get("content") or "")
    if message["role"] == "tool":
        call_id, name = str(message["tool_call_id"]), str(message.get("name", ""))
        result = FunctionResultContent(id=call_id, name=name, result=text)
        return result.to_chat_message_content()
    calls = [_call(call) for call in message.get("tool_calls") or ()]
    if calls:
        return ChatMessageContent(role=AuthorRole.ASSISTANT, items=list(calls))
    return ChatMessageContent(role=AuthorRole(message["role"]), content=text)


def _call(call: Mapping[str, Any]) -> FunctionCallContent:
    arguments = str(call.get("arguments", "{}"))
    return FunctionCallContent(id=call["id"], name=str(call.get("name", "")), arguments=arguments)


def stored(messages: Iterable[ChatMessageContent]) -> list[Message]:
    return [entry for message in messages for entry in _entries(message)]


def _entries(message: ChatMessageContent) -> list[Message]:
    results = [item for item in message.items if isinstance(item, FunctionResultContent)]
    calls = [item for item in message.items if isinstance(item, FunctionCallContent)]
    if results:
        return [
            {"role": "tool", "tool_call_id": r.id, "name": r.name, "content": str(r.result)}
            for r in results
        ]
    if calls:
        made = [{"id": c.id, "name": c.name, "arguments": _text(c.arguments)} for c in calls]
        return [{"role": "assistant", "content": message.content, "tool_calls": made}]
    return [{"role": message.role.value, "content": message.content}]


def _text(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else "{}"
