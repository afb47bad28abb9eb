"""What a deployment card needs besides the deployment."""

from collections.abc import Mapping
from dataclasses import dataclass

from approvals.principals import PrincipalId
from capabilities.capability import Catalogue
from orchestration.ports import ApplyProgress
from orchestration.transitions import People


@dataclass(frozen=True, slots=True)
class Facing:
    """The people, how far running applies are (by step id), and what the capabilities give."""

    people: People
    progress: Mapping[str, ApplyProgress]
    catalogue: Catalogue

    def name(self, id: PrincipalId) -> str:
        return next((person.name for person in self.people if person.id == id), id)
