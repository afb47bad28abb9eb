"""What the embedded service does with a message: tool calls in stages, or just words."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

Call: TypeAlias = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class Plan:
    """Each stage is called after the one before; an error ends it. Remarks close the answer."""

    stages: list[list[Call]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def then(self, name: str, **arguments: Any) -> None:
        self.stages.append([(name, arguments)])

    def remark(self, sentence: str) -> None:
        if sentence not in self.remarks:
            self.remarks.append(sentence)
