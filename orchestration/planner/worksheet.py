"""The working state of one turn: tools read and change this, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from capabilities.capability import Catalogue
from capabilities.values import Json, Provenance, Value
from orchestration.draft import Draft, ResolvedStep, resolved_steps
from orchestration.errors import UserError
from orchestration.planner.desk import Command, Desk, Show, Turn


@dataclass(slots=True)
class Worksheet:
    turn: Turn
    desk: Desk
    catalogue: Catalogue
    draft: Draft
    choices: tuple[str, ...] = ()
    command: Command | None = None
    show: Show = Show.NOTHING
    undone: int = 0
    ended: bool = field(default=False)
    """Whether a tool has given the final answer of the turn."""

    _resolved: tuple[Draft, tuple[ResolvedStep, ...]] | None = None

    def steps(self) -> tuple[ResolvedStep, ...]:
        """The draft's steps with all their values; computed once for each draft."""
        if self._resolved is None or self._resolved[0] is not self.draft:
            self._resolved = (self.draft, resolved_steps(self.draft, self.catalogue))
        return self._resolved[1]

    def said(self, value: Json) -> Value:
        return Value(value, Provenance.SAID, by=self.turn.by.name)

    def may_change(self) -> None:
        """Raises: UserError - the person may only look."""
        if not self.turn.by.may_ask():
            raise UserError(f"{self.turn.by.name} may look, but not ask for or change anything")

    def offer(self, choices: Sequence[str]) -> None:
        """Add readings to choose from, without repeats, six at most."""
        self.choices = tuple(dict.fromkeys((*self.choices, *choices)))[:6]


def opened(turn: Turn, desk: Desk, catalogue: Catalogue) -> Worksheet:
    return Worksheet(turn, desk, catalogue, turn.draft)
