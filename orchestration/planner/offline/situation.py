"""What the embedded service knows of the turn: the JSON that every model is given."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration.planner.prompt import MARK


@dataclass(frozen=True, slots=True)
class Situation:
    steps: Mapping[str, str] = field(default_factory=dict)
    """Step id to capability id."""
    shared: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Step id to all its values, said or derived."""
    said: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Step id to the parameters that a person gave for it."""
    missing: tuple[Mapping[str, Any], ...] = ()
    complete: bool = False
    deployment_open: bool = False
    submitted: bool = False
    """The draft is as it was submitted, so that nothing of it is open."""
    offered: tuple[str, ...] = ()

    @property
    def drafting(self) -> bool:
        """Whether a draft is open that is not the deployment itself."""
        return bool(self.steps) and not self.deployment_open and not self.submitted

    @property
    def blank(self) -> bool:
        return not self.steps and not self.shared


def situated(system: str) -> Situation:
    """Read from the system message; an empty situation when there is none in it."""
    _, mark, body = system.rpartition(MARK)
    if not mark:
        return Situation()
    data = json.loads(body)
    return Situation(
        steps={step["id"]: step["capability"] for step in data["steps"]},
        shared=data["shared"],
        values=data["values"],
        said={step["id"]: frozenset(step["said"]) for step in data["steps"]},
        missing=tuple(data["missing"]),
        complete=data["complete"],
        deployment_open=data["deployment_open"],
        submitted=data["submitted"],
        offered=tuple(data["offered"]),
    )
