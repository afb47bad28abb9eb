"""What was said in a thread before, as the planner is told of it again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToolCall:
    """`name`, and `arguments` as JSON, are the service's. `result` is what the tool said, unless
    the answer says it too; the draft, of which it told, is told anew in every turn."""

    name: str
    arguments: str
    result: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message and its answer. `said` is empty when it was refused, so that it does not come back.

    `choices` were offered under the answer: complete messages, which a short reply may mean.
    """

    said: str = ""
    answer: str = ""
    calls: tuple[ToolCall, ...] = ()
    choices: tuple[str, ...] = ()
