"""Gates and decisions: who has to agree, who did, and whether that is enough."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from approvals.change import Digest
from approvals.principals import PrincipalId, Role

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
