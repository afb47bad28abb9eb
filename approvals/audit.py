"""Audit events and the chain that shows whether any was touched.

Each entry's hash covers its event and the hash before it: an entry that is altered, removed from
the middle, put in or moved breaks every hash after it. Entries cut off the end leave a shorter
chain that is whole, so a head that was kept elsewhere tells.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NewType, TypeAlias

from approvals.canonical import canonical
from approvals.principals import PrincipalId
from capabilities.values import Json

Hash = NewType("Hash", str)
"""`sha256:` and 64 hexadecimal digits."""

GENESIS = Hash("sha256:" + "0" * 64)
"""What the first entry links to."""

SYSTEM = PrincipalId("signoff")
"""The actor of what nobody in particular did."""


@dataclass(frozen=True, slots=True)
class Event:
    """At that time, `actor` did `action` to `subject`; `at` carries a time zone."""

    at: datetime
    actor: PrincipalId
    action: str
    subject: str
    detail: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"an audit event needs a time zone: {self.at!r}")


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in its place; `hash` is `link(the hash before, event)`."""

    event: Event
    hash: Hash


@dataclass(frozen=True, slots=True)
class Intact:
    count: int
    head: Hash


@dataclass(frozen=True, slots=True)
class Broken:
    """`at_index` is the first entry that does not follow from those before it, from 0."""

    at_index: int
    why: str


Verdict: TypeAlias = Intact | Broken


def to_json(event: Event) -> dict[str, Json]:
    """The event as it is stored and hashed; the time in UTC with microseconds."""
    return {
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor,
        "action": event.action,
        "subject": event.subject,
        "detail": dict(event.detail),
    }


def from_json(body: Mapping[str, Json]) -> Event:
    """Raises: ValueError, KeyError, TypeError - it is not what `to_json` made."""
    detail = body["detail"]
    if not isinstance(detail, dict):
        raise TypeError(f"an audit event's detail must be an object: {detail!r}")
    at, actor, action, subject = (str(body[k]) for k in ("at", "actor", "action", "subject"))
    return Event(datetime.fromisoformat(at), PrincipalId(actor), action, subject, detail)


def link(previous: Hash, event: Event) -> Hash:
    """The hash of an event that follows the entry with the hash `previous`."""
    content = canonical({"previous": previous, "event": to_json(event)})
    return Hash("sha256:" + hashlib.sha256(content).hexdigest())


def chain(events: Iterable[Event], *, after: Hash = GENESIS) -> tuple[Entry, ...]:
    """The entries for events that follow the entry with the hash `after`."""
    entries = []
    for event in events:
        after = link(after, event)
        entries.append(Entry(event, after))
    return tuple(entries)


def verify(entries: Iterable[Entry], *, head: Hash | None = None) -> Verdict:
    """Whether the entries are a whole chain from the beginning, ending at `head` if it is given."""
    previous, count = GENESIS, 0
    for entry in entries:
        if link(previous, entry.event) != entry.hash:
            return Broken(count, "it was altered, or one was removed, put in or moved here")
        previous, count = entry.hash, count + 1
    if head is not None and head != previous:
        return Broken(count, f"the chain should end with {head}; entries are missing, or too many")
    return Intact(count, previous)
