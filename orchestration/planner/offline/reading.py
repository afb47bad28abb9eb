"""What one message was read as."""

from dataclasses import dataclass, field
from typing import Any

from orchestration.planner.offline.intents import Intent


@dataclass(frozen=True, slots=True)
class Wanted:
    """A capability to add; `labels` name the single steps when there are several."""

    capability: str
    count: int = 1
    labels: tuple[str, ...] = ()
    another: bool = False
    implied: bool = False
    """Not named itself: something was said that only it has."""


@dataclass(frozen=True, slots=True)
class Said:
    """A value for a parameter; `of` is the step or capability that was named with it."""

    parameter: str
    value: Any
    of: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """More than one reading: what to ask, and complete messages to choose from."""

    question: str
    choices: tuple[str, ...] = ()


@dataclass(slots=True)
class Reading:
    text: str = ""
    add: list[Wanted] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    unset: list[str] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    proposed: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    """Ids of the steps that the message names by what they are for or by their place."""
    unread: list[str] = field(default_factory=list)
    """Parts about one step of which nothing was understood."""
    asked_about: list[str] = field(default_factory=list)
    """Parameters that a question is about."""
    scale: float = 0.0
    """`double the workers` is 2; zero when nothing was said of it."""
    undo: int = 1
    leftovers: list[str] = field(default_factory=list)
    """Numbers that no rule has read, in a message of which the rest was."""
    unused: list[str] = field(default_factory=list)
    """Words of substance that no rule has used."""
    canonical: bool = False
    """Whether it was a message of our own making, as buttons say them."""

    @property
    def changes(self) -> bool:
        return bool(self.add or self.remove or self.said or self.unset)

    @property
    def understood(self) -> bool:
        other = self.intents or self.unsupported or self.doubts or self.proposed or self.scale
        return self.changes or bool(other)

    def said_names(self) -> bool:
        return any(said.parameter.startswith("name:") for said in self.said)

    def value(self, parameter: str) -> Any:
        return next((said.value for said in self.said if said.parameter == parameter), None)
