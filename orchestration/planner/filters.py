"""Around every tool call: an audit record, the budget, and nothing internal in the answer."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from semantic_kernel import Kernel
from semantic_kernel.filters import (
    AutoFunctionInvocationContext,
    FilterTypes,
    FunctionInvocationContext,
)
from semantic_kernel.functions import FunctionResult

from orchestration.planner.limits import Budget

INTERNAL = json.dumps({"error": "that is not available right now"})
Next = Callable[[Any], Awaitable[None]]


def guard(
    kernel: Kernel, budget: Budget, audit: list[dict[str, Any]], ending: frozenset[str]
) -> None:
    """Add the filters; `ending` names the tools whose answer ends the turn."""

    async def record(context: AutoFunctionInvocationContext, next: Next) -> None:
        budget.before_call()
        started = time.perf_counter()
        await next(context)
        audit.append(_record(context, (time.perf_counter() - started) * 1000))
        context.terminate = context.function.name in ending and _succeeded(context)

    async def hide(context: FunctionInvocationContext, next: Next) -> None:
        try:
            await next(context)
        except Exception:
            context.result = FunctionResult(function=context.function.metadata, value=INTERNAL)

    kernel.add_filter(FilterTypes.AUTO_FUNCTION_INVOCATION, record)
    kernel.add_filter(FilterTypes.FUNCTION_INVOCATION, hide)


def _succeeded(context: AutoFunctionInvocationContext) -> bool:
    return '"error"' not in str(context.function_result)[:10]


def _record(context: AutoFunctionInvocationContext, duration_ms: float) -> dict[str, Any]:
    call = context.function_call_content
    return {
        "tool": context.function.name,
        "arguments": str(call.arguments if call else "")[:2_000],
        "outcome": "done" if _succeeded(context) else str(context.function_result)[:300],
        "duration_ms": round(duration_ms, 2),
    }
