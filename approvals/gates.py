"""Gates and decisions: who has to agree, who did, and whether that is enough."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, TypeAlias

from approvals.change import Digest
from approvals.principals import Principal, PrincipalId, Role

GateId = NewType("GateId", str)
DecisionId = NewType("DecisionId", str)


class Moment(StrEnum):
    """When a gate is asked: on the plan, or once more right before it is executed."""

    PLAN = "plan"
    EXECUTION = "execution"


@dataclass(frozen=True, slots=True)
class Gate:
    """A need for sign-off. Empty `roles` and `people` never occur; either is enough to qualify."""

    id: GateId
    reason: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    people: frozenset[PrincipalId] = field(default_factory=frozenset)
    count: int = 1
    excludes_requester: bool = True
    moment: Moment = Moment.PLAN

    def qualifies(self, person: Principal, requester: PrincipalId) -> bool:
        """Whether this person's word would count here."""
        if self.excludes_requester and person.id == requester:
            return False
        return self.names(person)

    def names(self, person: Principal) -> bool:
        """Whether the gate asks for this person, the requester or not; never for a viewer."""
        asked = person.id in self.people or bool(person.roles & self.roles)
        return asked and person.may_ask()

    def asks_the_same(self, other: "Gate") -> bool:
        """Whether both ask for the same people at the same moment, however many of them."""
        return self._asked == other._asked

    @property
    def _asked(self) -> tuple[object, ...]:
        return (self.roles, self.people, self.excludes_requester, self.moment)

    @property
    def asks_for(self) -> str:
        """Who it takes, in words: `1 lead or platform approver other than the requester`."""
        roles = " or ".join(sorted(role.value for role in self.roles))
        approvers = f"{roles} approver{'s' if self.count > 1 else ''}" if roles else ""
        who = " or ".join([*filter(None, [approvers]), *sorted(self.people)])
        who = f"{self.count} {who}" if roles else who
        return f"{who} other than the requester" if self.excludes_requester else who


def together(agreed: tuple[Gate, ...], asked: tuple[Gate, ...]) -> tuple[Gate, ...]:
    """The gates that were agreed to, and those that are asked for by now and were not then."""

    def has(gate: Gate) -> bool:
        return any(old.asks_the_same(gate) and old.count >= gate.count for old in agreed)

    more = tuple(gate for gate in asked if not has(gate))
    kept = (old for old in agreed if not any(old.asks_the_same(gate) for gate in more))
    return (*kept, *more)


class Verdict(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's word on one step, bound to the digest they were shown.

    `id` is the event id of the click, so that a repeated event is the same decision.
    """

    id: DecisionId
    by: PrincipalId
    verdict: Verdict
    digest: Digest
    moment: Moment
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Met:
    by: tuple[PrincipalId, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """Not enough yet; `could` are the people whose approval would bring it further."""

    missing: int
    could: tuple[Principal, ...]


@dataclass(frozen=True, slots=True)
class Unmeetable:
    """Not even if everybody agreed; `who_to_add` says whom the directory lacks."""

    why: str
    who_to_add: str


GateState: TypeAlias = Met | Open | Unmeetable
