"""What the service answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is JSON as bytes, or a value to be made JSON of."""

    status: int
    body: Any = None
    charge: float = 1.0
    headers: Mapping[str, str] = field(default_factory=dict)
