"""What a turn has used, and the error that ends it when that is too much."""

from contextvars import ContextVar
from dataclasses import dataclass

from orchestration.planner.settings import Limits


class LimitReached(Exception):
    """The turn has used its requests, tool calls or tokens."""


@dataclass(slots=True)
class Budget:
    limits: Limits
    tokens: int = 0
    requests: int = 0
    tool_calls: int = 0

    def before_request(self) -> None:
        """Raises: LimitReached - no further request is allowed in this turn."""
        if self.requests >= self.limits.requests or self.tokens >= self.limits.tokens:
            raise LimitReached(f"{self.requests} requests and {self.tokens} tokens used")
        self.requests += 1

    def before_call(self) -> None:
        """Raises: LimitReached - no further tool call is allowed in this turn."""
        if self.tool_calls >= self.limits.tool_calls:
            raise LimitReached(f"{self.tool_calls} tool calls used")
        self.tool_calls += 1


BUDGET: ContextVar[Budget] = ContextVar("budget")
"""The budget of the turn that is running in this task."""
