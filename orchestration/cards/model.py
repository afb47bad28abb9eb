"""The card vocabulary: what a card says, once, for every surface.

A card's `lead` is its first line and tells the reader what is wanted of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from approvals.principals import PrincipalId

Tone: TypeAlias = Literal["plain", "subtle", "good", "warning", "bad"]
CardKind: TypeAlias = Literal[
    "draft", "plan", "step", "progress", "result", "failure", "queue", "history", "help", "question"
]
"""`plan` waits for sign-off, `step` for a last confirmation right before it is applied; a
`question` stands for a reply with choices."""


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value; `note` is shown small beside it (its provenance, its source)."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    rows: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    label: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Details:
    """Blocks shown on demand where a surface can fold them, last on the card where it cannot."""

    label: str
    blocks: tuple["Block", ...]


Block: TypeAlias = Heading | Text | Facts | Table | Progress | Details


@dataclass(frozen=True, slots=True)
class InputField:
    """Something to fill in with a button: free text, or one of `choices` when there are any."""

    name: str
    label: str
    value: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    long: bool = False
    """Whether several lines are to be expected."""
    problem: str = ""
    """Why `value`, which somebody typed, cannot be used; it is to be filled in again."""


@dataclass(frozen=True, slots=True)
class Button:
    """An action. `verb` and `data` come back in a `Clicked`, with the values of `inputs`.

    `audience` is who sees it where a surface can tell people apart; None means everybody.
    Whether a click counts is checked again when it happens.
    """

    label: str
    verb: str
    data: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[InputField, ...] = ()
    audience: frozenset[PrincipalId] | None = None
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Card:
    """`id` is stable for the thing shown (a later version updates the same message)."""

    id: str
    kind: CardKind
    lead: str
    title: str
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button, ...] = ()
    page: str = ""
    """The deployment whose page it links to, where pages are served."""
    tone: Tone = "plain"
    """How it stands, for those who only glance; the `lead` says the same in words."""
