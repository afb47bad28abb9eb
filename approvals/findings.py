"""What a policy found on a plan."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Source: the enforcement levels of HCP Terraform policy sets."""

    ADVISORY = "advisory"
    SOFT_MANDATORY = "soft-mandatory"
    HARD_MANDATORY = "hard-mandatory"


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    level: Level
    address: str
    message: str
