"""Tools as Semantic Kernel functions: one home of the translation between the two."""

from contextvars import ContextVar
from typing import Any

from semantic_kernel.functions import KernelFunction, KernelPlugin
from semantic_kernel.functions.kernel_function_decorator import kernel_function

from orchestration.planner.schema import parameters_of
from orchestration.planner.tools.tool import Tool, call
from orchestration.planner.worksheet import Worksheet

PLUGIN = "signoff"


SHEET: ContextVar[Worksheet] = ContextVar("sheet")
"""The worksheet of the turn that is running in this task; no argument of any tool."""


def plugin(tools: tuple[Tool, ...]) -> KernelPlugin:
    """The tools as one plugin, made once: each call works on the running turn's sheet."""
    functions: Any = {tool.name: _function(tool) for tool in tools}
    return KernelPlugin(name=PLUGIN, functions=functions)


def _function(tool: Tool) -> KernelFunction:
    async def invoked(**arguments: Any) -> str:
        return await call(tool, SHEET.get(), arguments)

    invoked.__name__ = tool.name
    decorated: Any = kernel_function(name=tool.name, description=tool.description)(invoked)
    decorated.__kernel_function_parameters__ = _parameters(tool)
    return KernelFunction.from_method(decorated, plugin_name=PLUGIN)


def _parameters(tool: Tool) -> list[dict[str, Any]]:
    """Source: semantic_kernel.functions.kernel_function_decorator, the attributes it sets."""
    schema = parameters_of(tool.arguments)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "description": info.get("description"),
            "is_required": name in required,
            "type_": "Any",
            "type_object": None,
            "schema_data": info,
        }
        for name, info in schema.get("properties", {}).items()
    ]
