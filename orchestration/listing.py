"""Deployments in a line each: for overviews, and for who is waited for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from approvals.principals import PrincipalId
from orchestration.messages import ThreadId


@dataclass(frozen=True, slots=True)
class Summary:
    """`state` is `standing`'s word; `lead` is the first line of its card; `waits_for` are those
    who could decide something on it now; `monthly_usd` is None when nothing has a price."""

    id: str
    title: str
    purpose: str
    state: str
    lead: str
    requester: PrincipalId
    thread: ThreadId
    asked_at: datetime
    ended_at: datetime | None
    team: str
    environment: str
    capabilities: tuple[str, ...]
    monthly_usd: float | None
    waits_for: frozenset[PrincipalId]
    awaited_s: float | None = None
    """How long sign-off was waited for, once it is there; None when nobody had to."""
    costs: Mapping[str, float] = field(default_factory=dict)
    """USD a month by workspace, of the steps that are done; 0 for what was destroyed."""


def asked_by(summaries: Iterable[Summary], person: PrincipalId) -> tuple[Summary, ...]:
    return tuple(one for one in summaries if one.requester == person)


def waiting_for(summaries: Iterable[Summary], person: PrincipalId) -> tuple[Summary, ...]:
    return tuple(one for one in summaries if person in one.waits_for)
