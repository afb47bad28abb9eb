"""The embedded chat-completion service: Semantic Kernel's loop, our rules instead of a model."""

import json
import uuid
from collections.abc import Callable
from typing import Any, ClassVar

from pydantic import PrivateAttr
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.completion_usage import CompletionUsage
from semantic_kernel.connectors.ai.function_calling_utils import (
    update_settings_from_function_call_configuration,
)
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents import (
    ChatHistory,
    ChatMessageContent,
    FunctionCallContent,
    FunctionResultContent,
    TextContent,
)
from semantic_kernel.contents.utils.author_role import AuthorRole
from semantic_kernel.contents.utils.finish_reason import FinishReason

from orchestration.planner.offline.brain import planning, respond
from orchestration.planner.offline.plan import Call, Plan
from orchestration.planner.offline.reader import Reader

MODEL = "signoff-rules-1"


class EmbeddedSettings(PromptExecutionSettings):
    """Source: update_settings_from_function_call_configuration writes to these two only."""

    tools: list[dict[str, Any]] | None = None
    tool_choice: Any | None = None
    ai_model_id: str | None = None


class EmbeddedService(ChatCompletionClientBase):
    SUPPORTS_FUNCTION_CALLING: ClassVar[bool] = True
    MODEL_PROVIDER_NAME: ClassVar[str] = "signoff"
    _plans: Callable[[str, str], Plan] = PrivateAttr()

    def __init__(self, reader: Reader) -> None:
        super().__init__(ai_model_id=MODEL, service_id="embedded")
        self._plans = planning(reader)

    def get_prompt_execution_settings_class(self) -> type[PromptExecutionSettings]:
        return EmbeddedSettings

    def _update_function_choice_settings_callback(self) -> Any:
        return update_settings_from_function_call_configuration

    def _reset_function_choice_settings(self, settings: PromptExecutionSettings) -> None:
        if isinstance(settings, EmbeddedSettings):
            settings.tools = settings.tool_choice = None

    async def _inner_get_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings
    ) -> list[ChatMessageContent]:
        system, text, results, rounds = _seen(chat_history)
        offered = _offered(settings)
        said, calls = respond(self._plans, system, text, results, rounds, offered)
        return [_calling(calls) if calls else _saying(said)]


def _seen(history: ChatHistory) -> tuple[str, str, list[tuple[str, str]], int]:
    """System text, the message to answer, the results since, and how often it was called."""
    messages = history.messages
    system = next((m.content for m in messages if m.role == AuthorRole.SYSTEM), "")
    last = max((n for n, m in enumerate(messages) if m.role == AuthorRole.USER), default=-1)
    since = messages[last + 1 :]
    results = [
        (str(item.function_name or ""), str(item.result))
        for message in since
        for item in message.items
        if isinstance(item, FunctionResultContent)
    ]
    rounds = sum(1 for m in since if m.role == AuthorRole.ASSISTANT)
    return system, messages[last].content if last >= 0 else "", results, rounds


def _offered(settings: PromptExecutionSettings) -> frozenset[str]:
    tools = getattr(settings, "tools", None) or []
    return frozenset(tool["function"]["name"].partition("-")[2] for tool in tools)


def _calling(calls: list[Call]) -> ChatMessageContent:
    items = [
        FunctionCallContent(
            id=f"call_{uuid.uuid4().hex[:12]}",
            name=f"signoff-{name}",
            arguments=json.dumps(arguments),
        )
        for name, arguments in calls
    ]
    return _message(list(items), FinishReason.TOOL_CALLS)


def _saying(text: str) -> ChatMessageContent:
    return _message([TextContent(text=text)], FinishReason.STOP)


def _message(items: list[Any], reason: FinishReason) -> ChatMessageContent:
    usage = CompletionUsage(prompt_tokens=0, completion_tokens=0)
    return ChatMessageContent(
        role=AuthorRole.ASSISTANT,
        items=items,
        finish_reason=reason,
        ai_model_id=MODEL,
        metadata={"usage": usage},
    )
