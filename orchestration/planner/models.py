"""Azure OpenAI and OpenAI behind Semantic Kernel; a turn's budget counts every request."""

from typing import Any

from openai import AsyncAzureOpenAI, AsyncOpenAI
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.open_ai import (
    AzureChatCompletion,
    OpenAIChatCompletion,
)
from semantic_kernel.contents import ChatHistory, ChatMessageContent

from orchestration.measures import tokens_used
from orchestration.planner.limits import BUDGET
from orchestration.planner.settings import ModelSettings
from orchestration.planner.tariff import cost


class MeteredAzure(AzureChatCompletion):
    async def _inner_get_chat_message_contents(
        self, chat_history: ChatHistory, settings: Any
    ) -> list[ChatMessageContent]:
        BUDGET.get().before_request()
        found = await super()._inner_get_chat_message_contents(chat_history, settings)
        return _counted(found, self.ai_model_id)


class MeteredOpenAI(OpenAIChatCompletion):
    async def _inner_get_chat_message_contents(
        self, chat_history: ChatHistory, settings: Any
    ) -> list[ChatMessageContent]:
        BUDGET.get().before_request()
        found = await super()._inner_get_chat_message_contents(chat_history, settings)
        return _counted(found, self.ai_model_id)


def _counted(found: list[ChatMessageContent], asked: str) -> list[ChatMessageContent]:
    """`asked`: the deployment, or the model, as it is configured."""
    usage = found[0].metadata.get("usage") if found else None
    if usage is not None:
        budget = BUDGET.get()
        sent, answered = usage.prompt_tokens or 0, usage.completion_tokens or 0
        budget.tokens += sent + answered
        model = getattr(found[0].inner_content, "model", "") or asked
        tokens_used(asked, sent, answered, cost(budget.limits.tariff, model, sent, answered))
    return found


def connected(settings: ModelSettings, model: str) -> ChatCompletionClientBase:
    """The service for one deployment; nothing is sent before the first turn."""
    timeout = settings.request_timeout_s
    if not settings.api_version:
        client = AsyncOpenAI(
            api_key=settings.token_provider or settings.api_key,
            base_url=settings.endpoint or None,
            timeout=timeout,
            max_retries=0,
        )
        service: Any = MeteredOpenAI
        return _made(service(ai_model_id=model, async_client=client))
    azure = AsyncAzureOpenAI(
        azure_endpoint=settings.endpoint,
        azure_deployment=model,
        api_version=settings.api_version,
        api_key=settings.api_key or None,
        azure_ad_token_provider=settings.token_provider,
        timeout=timeout,
        max_retries=0,
    )
    hosted: Any = MeteredAzure
    return _made(hosted(deployment_name=model, async_client=azure))


def _made(service: Any) -> ChatCompletionClientBase:
    """Semantic Kernel's constructors are not typed for pydantic's plugin-less mypy."""
    assert isinstance(service, ChatCompletionClientBase)
    return service
