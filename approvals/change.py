"""The approved change: what people agree to, its digest, and how two of them compare."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from approvals.findings import Finding
from capabilities.capability import Risk, RiskKind
from capabilities.cost import CostEstimate
from capabilities.values import Json

Digest = NewType("Digest", str)
"""`sha256:` and 64 hexadecimal digits."""


class Operation(StrEnum):
    APPLY = "apply"
    DESTROY = "destroy"


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """One attribute of a resource.

    A value the plan cannot know is the string `(known after apply)`, a sensitive one
    `(sensitive)`, and one that comes from an earlier step `${step.output}`.
    """

    path: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class ResourceChange:
    address: str
    type: str
    action: Action
    attributes: tuple[AttributeChange, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Everything an approval binds to, for one step."""

    workspace: str
    operation: Operation
    parameters: Mapping[str, Json]
    files: Mapping[str, str]
    """File name to the sha256 of its bytes."""
    resources: tuple[ResourceChange, ...]
    cost: CostEstimate
    risks: tuple[Risk, ...]
    findings: tuple[Finding, ...]

    @property
    def may_leave_something(self) -> bool:
        """Whether something may stay that a destroy does not take away, as Terraform has no
        knowledge of it."""
        return any(risk.kind is RiskKind.LEFT_BEHIND for risk in self.risks)
