"""How many resources a change touches, counted as Terraform counts."""

from collections import Counter
from dataclasses import dataclass

from approvals.change import Action, Change


@dataclass(frozen=True, slots=True)
class Counts:
    """`add` and `destroy` contain the replaced resources, as in Terraform's own last line."""

    add: int
    change: int
    replace: int
    destroy: int

    def __str__(self) -> str:
        """`+5 ~0 -0`, and how many of those are one resource replaced."""
        text = f"+{self.add} ~{self.change} -{self.destroy}"
        return f"{text} ({self.replace} replaced)" if self.replace else text


def summary(change: Change) -> Counts:
    """Source: `Plan: 1 to add, 0 to change, 1 to destroy`; a replacement is one of each."""
    actions = Counter(resource.action for resource in change.resources)
    replaced = actions[Action.REPLACE]
    return Counts(
        add=actions[Action.CREATE] + replaced,
        change=actions[Action.UPDATE],
        replace=replaced,
        destroy=actions[Action.DELETE] + replaced,
    )
