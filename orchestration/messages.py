"""What comes in from a surface and what goes out to it, without any vendor's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType, TypeAlias

from approvals.principals import PrincipalId
from orchestration.cards.model import Card

ThreadId = NewType("ThreadId", str)
EventId = NewType("EventId", str)
"""The vendor's id of an event; a repeated delivery has the same one."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that came with a message, read as text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """A person wrote in a thread."""

    event: EventId
    thread: ThreadId
    by: PrincipalId
    text: str
    at: datetime
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Clicked:
    """A person pressed a button; `inputs` holds what they filled in beside it."""

    event: EventId
    thread: ThreadId
    by: PrincipalId
    verb: str
    at: datetime
    data: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


Inbound: TypeAlias = Said | Clicked


@dataclass(frozen=True, slots=True)
class Reply:
    """Text in a thread; with `to` set, only that person needs to see it (ephemeral if possible)."""

    text: str
    to: PrincipalId | None = None
    choices: tuple[str, ...] = ()
    """Texts that the surface offers as buttons; choosing one says it."""
    calls: tuple[PrincipalId, ...] = ()
    """Whose attention it asks for: named before the text, and mentioned where a surface can."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Text in a channel, e.g. `#deployments`."""

    channel: str
    text: str


Outbound: TypeAlias = Reply | Notice | Card
