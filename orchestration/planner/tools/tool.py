"""What a tool is: a name, a description, a model of its arguments, and what it does."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import ValidationError

from orchestration.errors import UserError
from orchestration.planner.tools.arguments import Arguments
from orchestration.planner.worksheet import Worksheet

Result: TypeAlias = dict[str, Any]
"""`text` can be shown as it is; everything else is for the model."""


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    description: str
    arguments: type[Arguments]
    run: Callable[[Worksheet, Any], Awaitable[Result]]
    ends: bool = False
    """Whether its text is the answer of the turn."""


async def call(tool: Tool, sheet: Worksheet, arguments: dict[str, Any]) -> str:
    """Validate, run, and answer as JSON; what the model got wrong is an `error` in it."""
    try:
        checked = tool.arguments.model_validate(arguments)
    except ValidationError as error:
        return json.dumps({"error": "invalid arguments", "details": _details(error)})
    try:
        return json.dumps(await tool.run(sheet, checked), default=str)
    except UserError as error:
        return json.dumps({"error": str(error)})


def _details(error: ValidationError) -> list[str]:
    found = error.errors(include_url=False, include_input=False)
    return [f"{'.'.join(map(str, d['loc']))}: {d['msg']}"[:300] for d in found][:8]
