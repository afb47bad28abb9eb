"""What people read on a client, whichever vendor's: cards and words, without markup."""

import re
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Pressable:
    """A button as a client draws it. `element` is the vendor's, to press it with; `asks` tells
    that something has to be filled in; `seen_by` are those for whom it is drawn, None: all."""

    label: str
    element: Any
    asks: bool = False
    seen_by: frozenset[str] | None = None


def names(id: str, name: str) -> bool:
    """Whether an input's id is that name, or has it as one of its parts."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", id) is not None


@dataclass(frozen=True, slots=True)
class Reading:
    """`about` is the card's id as its buttons carry it, "" if they carry none."""

    lines: tuple[str, ...]
    about: str = ""
    buttons: tuple[Pressable, ...] = field(default_factory=tuple)
    calls: tuple[str, ...] = ()
    """The names of those who are mentioned."""

    @property
    def lead(self) -> str:
        return self.lines[0] if self.lines else ""

    @property
    def title(self) -> str:
        return self.lines[1] if len(self.lines) > 1 else ""
