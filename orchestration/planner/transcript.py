"""Former exchanges and Semantic Kernel's chat history."""

from collections.abc import Iterable, Iterator
from itertools import dropwhile

from semantic_kernel.contents import (
    ChatHistory,
    ChatMessageContent,
    FunctionCallContent,
    FunctionResultContent,
)
from semantic_kernel.contents.utils.author_role import AuthorRole

from orchestration.planner.history import Exchange, ToolCall

_SEE_ANSWER = "told in the answer"


def loaded(system: str, earlier: Iterable[Exchange], text: str) -> ChatHistory:
    """A person speaks first; each tool call has exactly one result, right after it.

    Source: Chat completions API, 400 "must be followed by tool messages responding to each".
    """
    history = ChatHistory(system_message=system)
    for number, exchange in enumerate(dropwhile(lambda one: not one.said, earlier)):
        for message in _messages(exchange, number):
            history.add_message(message)
    history.add_user_message(text)
    return history


def _messages(exchange: Exchange, number: int) -> Iterator[ChatMessageContent]:
    if exchange.said:
        yield ChatMessageContent(role=AuthorRole.USER, content=exchange.said)
    calls = {f"call_{number}_{n}": call for n, call in enumerate(exchange.calls)}
    if calls:
        asked = [
            FunctionCallContent(id=id, name=call.name, arguments=call.arguments)
            for id, call in calls.items()
        ]
        yield ChatMessageContent(role=AuthorRole.ASSISTANT, items=list(asked))
    for id, call in calls.items():
        told = FunctionResultContent(id=id, name=call.name, result=call.result or _SEE_ANSWER)
        yield told.to_chat_message_content()
    if exchange.answer:
        yield ChatMessageContent(role=AuthorRole.ASSISTANT, content=exchange.answer)


def called(messages: Iterable[ChatMessageContent]) -> list[ToolCall]:
    """The tool calls among them, each with its whole result, "" if it has none."""
    items = [item for message in messages for item in message.items]
    results = {
        item.id: str(item.result) for item in items if isinstance(item, FunctionResultContent)
    }
    return [
        ToolCall(item.name or "", _text(item), results.get(item.id, ""))
        for item in items
        if isinstance(item, FunctionCallContent)
    ]


def _text(call: FunctionCallContent) -> str:
    return call.arguments if isinstance(call.arguments, str) else "{}"
