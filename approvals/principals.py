"""People, and what each may sign for."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

PrincipalId = NewType("PrincipalId", str)


class Role(StrEnum):
    ENGINEER = "engineer"
    LEAD = "lead"
    PLATFORM = "platform"
    FINANCE = "finance"
    SECURITY = "security"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Principal:
    """One human, whatever surface they come from."""

    id: PrincipalId
    name: str
    roles: frozenset[Role] = field(default_factory=frozenset)

    def may_ask(self) -> bool:
        """Whether this person may request and change infrastructure; a viewer only looks."""
        return bool(self.roles - {Role.VIEWER})
