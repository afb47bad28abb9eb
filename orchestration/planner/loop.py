"""One turn through Semantic Kernel: try the services in order, and answer whatever happens."""

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.function_choice_behavior import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents import ChatMessageContent
from semantic_kernel.contents.utils.author_role import AuthorRole
from semantic_kernel.contents.utils.finish_reason import FinishReason
from semantic_kernel.exceptions.service_exceptions import ServiceContentFilterException

from capabilities.capability import Catalogue
from orchestration import measures, tracing
from orchestration.planner.answering import answered, filtered, not_answered, too_much
from orchestration.planner.desk import Answer, Desk, Turn
from orchestration.planner.failures import WORTH_WAITING_S, Rests, reason, retry_after_s
from orchestration.planner.filters import guard
from orchestration.planner.limits import BUDGET, Budget, LimitReached
from orchestration.planner.plugin import PLUGIN, SHEET, plugin
from orchestration.planner.prompt import system_message
from orchestration.planner.settings import Limits
from orchestration.planner.tools.toolbox import toolbox
from orchestration.planner.transcript import called, loaded
from orchestration.planner.worksheet import Worksheet, opened
from orchestration.ports import Clock

_LOG = logging.getLogger(__name__)


class Filtered(Exception):
    """The service stopped its own answer."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A service to try: what it is called, how long it may take."""

    name: str
    service: ChatCompletionClientBase
    share_s: float
    attempts: int = 1


@dataclass(slots=True)
class Trial:
    """What one service has done in this turn; thrown away when it fails."""

    sheet: Worksheet
    budget: Budget
    audit: list[dict[str, Any]] = field(default_factory=list)


class Loop:
    def __init__(self, catalogue: Catalogue, clock: Clock, limits: Limits) -> None:
        self._catalogue = catalogue
        self._rests = Rests(clock)
        self._limits = limits
        tools = toolbox(catalogue)
        self._plugin = plugin(tools)
        self._ending = frozenset(tool.name for tool in tools if tool.ends)

    async def run(self, turn: Turn, desk: Desk, candidates: Sequence[Candidate]) -> Answer:
        """The first service's answer that comes in time; each starts from the turn as it was."""
        until = time.monotonic() + self._limits.deadline_s
        failures: list[str] = []
        for candidate in candidates:
            if self._rests.resting(candidate.name):
                failures.append(f"{candidate.name} is resting")
                continue
            name = f"{candidate.name} (after {', '.join(failures)})" if failures else candidate.name
            try:
                share_s = min(candidate.share_s, until - time.monotonic())
                with _measured(candidate.name):
                    async with asyncio.timeout(share_s):
                        return await self._attempts(turn, desk, candidate, name)
            except Exception as error:
                fields = {"service": name}
                _LOG.warning("planner_service_failed", exc_info=error, extra={"fields": fields})
                self._rests.failed(candidate.name, error)
                failures.append(reason(error))
        return not_answered(turn, failures)

    async def _attempts(self, turn: Turn, desk: Desk, candidate: Candidate, name: str) -> Answer:
        """Again from the start when the service asks for a short wait."""
        for left in range(candidate.attempts - 1, -1, -1):
            try:
                return await self._settled(turn, desk, candidate, name)
            except Exception as error:
                wait_s = retry_after_s(error)
                if not left or wait_s is None or wait_s > WORTH_WAITING_S:
                    raise
                await asyncio.sleep(wait_s)
        raise AssertionError("attempts is at least 1")

    async def _settled(self, turn: Turn, desk: Desk, candidate: Candidate, name: str) -> Answer:
        sheet = opened(turn, desk, self._catalogue)
        trial = Trial(sheet, Budget(self._limits))
        try:
            return await self._tried(turn, trial, candidate.service, name)
        except (ServiceContentFilterException, Filtered):
            return filtered(turn, name)
        except LimitReached:
            return too_much(turn, name, trial.audit, trial.budget.tokens)

    async def _tried(
        self, turn: Turn, trial: Trial, service: ChatCompletionClientBase, name: str
    ) -> Answer:
        BUDGET.set(trial.budget)
        SHEET.set(trial.sheet)
        kernel = Kernel()
        kernel.add_plugin(self._plugin)
        guard(kernel, trial.budget, trial.audit, self._ending)
        history = loaded(system_message(trial.sheet), turn.history, turn.text)
        before = len(history.messages)
        reply = await service.get_chat_message_content(history, self._settings(), kernel=kernel)
        text = _text(reply)
        calls = called(history.messages[before:])
        return answered(turn, trial.sheet, text, calls, name, trial.audit, trial.budget.tokens)

    def _settings(self) -> Any:
        """The behaviour's filter is what keeps a model from calling anything else."""
        choice = FunctionChoiceBehavior.Auto(filters={"included_plugins": [PLUGIN]})
        choice.maximum_auto_invoke_attempts = self._limits.requests - 1
        return PromptExecutionSettings(
            function_choice_behavior=choice,
            extension_data={"temperature": 0.0, "max_tokens": 1_000},
        )


@contextmanager
def _measured(service: str) -> Iterator[None]:
    with (
        tracing.span(f"ask {service}"),
        measures.timing(partial(measures.planner_asked, service)) as timed,
    ):
        try:
            yield
        except Exception as error:
            timed.outcome = reason(error)
            raise


def _text(reply: ChatMessageContent | None) -> str:
    """Raises: Filtered - the answer was cut by the service's content filter."""
    if reply is None:
        return ""
    if reply.finish_reason == FinishReason.CONTENT_FILTER:
        raise Filtered
    if reply.role == AuthorRole.TOOL:
        return ""
    return reply.content or ""
