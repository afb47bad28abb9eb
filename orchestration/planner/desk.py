"""What a planner turn is given and what it gives back.

The host binds a turn to one thread and one person; neither is ever an argument of a tool.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from approvals.principals import Principal
from capabilities.cost import CostEstimate
from orchestration.draft import Draft
from orchestration.planner.history import Exchange
from orchestration.ports import DeploymentId


class Verb(StrEnum):
    """What the host does after a turn, once the turn is stored. Deciding is not among them."""

    SUBMIT = "submit"
    CANCEL = "cancel"
    RETRY = "retry"
    ROLL_BACK = "roll_back"
    DESTROY = "destroy"
    DISCARD = "discard"


class Show(StrEnum):
    """The card that answers best, besides the text."""

    NOTHING = "nothing"
    DRAFT = "draft"
    CATALOGUE = "catalogue"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Command:
    """A wish of the person that the host carries out under its own checks."""

    verb: Verb
    steps: tuple[str, ...] = ()
    """Names or capability ids of the steps meant; empty for all."""


@dataclass(frozen=True, slots=True)
class PastDeployment:
    """An earlier deployment that can be copied; `draft` is what it was submitted from."""

    id: DeploymentId
    title: str
    asked_by: str
    at: datetime
    state: str
    draft: Draft


class Desk(Protocol):
    """Read access for the tools. Texts are ready to show; they never hold a secret."""

    async def estimate(self, draft: Draft) -> Mapping[str, CostEstimate]:
        """Cost by step id, for the steps that are complete."""
        ...

    async def status(self) -> str:
        """Where this thread's deployment stands, what it waits for and why."""
        ...

    async def approvals(self) -> str:
        """Who has to sign off and why, and who has."""
        ...

    async def destroys(self) -> str:
        """What the present plan, or tearing down, would destroy."""
        ...

    async def past(self) -> tuple[PastDeployment, ...]:
        """Deployments of this organisation that succeeded, the newest first; at most 50."""
        ...

    async def occupied(self) -> frozenset[str]:
        """Workspaces that exist or may come to, as `environment/capability/name`."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """One message to answer. `earlier` are former drafts, the latest last, for undo."""

    text: str
    by: Principal
    at: datetime
    draft: Draft
    earlier: tuple[Draft, ...] = ()
    has_deployment: bool = False
    """Whether this thread has a deployment that is not finished."""
    submitted: bool = False
    """Whether the draft is what was last submitted: there is nothing to discard or submit anew."""
    history: tuple[Exchange, ...] = ()
    """Of former turns, as the planner returned them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome. `changes` echo every changed value in words, with who said it."""

    text: str
    draft: Draft
    changes: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    """Readings to choose from, each a complete message that a button says for the person."""
    command: Command | None = None
    show: Show = Show.NOTHING
    undone: int = 0
    """How many of `Turn.earlier` were taken back."""
    exchange: Exchange = field(default_factory=Exchange)
    """This turn's, to be stored and given back as history."""
    service: str = ""
    """Which chat-completion service answered, and why not the first one: `embedded (after 429)`."""
    audit: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)
    """The tool calls: name, arguments, outcome, duration in ms."""
    tokens: int = 0


class Planner(Protocol):
    """Turns a message into a changed draft, a wish, or a short useful answer.

    Never raises for anything a person wrote or a model answered; returns within its deadline.
    Tools change nothing but the draft in the answer.
    """

    async def answer(self, turn: Turn, desk: Desk) -> Answer: ...
