"""Tools as Semantic Kernel functions: one home of the translation between the two."""

from typing import Any

from semantic_kernel.functions import KernelFunction, KernelPlugin
from semantic_kernel.functions.kernel_function_decorator import kernel_function

from orchestration.planner.schema import parameters_of
from orchestration.planner.tools.tool import Tool, call
from orchestration.planner.worksheet import Worksheet

PLUGIN = "signoff"


class Schemas:
    """The tools' parameters, computed once; binding them to a turn is then cheap."""

    def __init__(self, tools: tuple[Tool, ...]) -> None:
        self.tools = tools
        self._parameters = {tool.name: _parameters(tool) for tool in tools}

    def bound(self, sheet: Worksheet) -> KernelPlugin:
        """The plugin whose functions work on this turn's sheet."""
        functions: Any = {tool.name: self._function(tool, sheet) for tool in self.tools}
        return KernelPlugin(name=PLUGIN, functions=functions)

    def _function(self, tool: Tool, sheet: Worksheet) -> KernelFunction:
        async def invoked(**arguments: Any) -> str:
            return await call(tool, sheet, arguments)

        invoked.__name__ = tool.name
        decorated: Any = kernel_function(name=tool.name, description=tool.description)(invoked)
        decorated.__kernel_function_parameters__ = self._parameters[tool.name]
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
