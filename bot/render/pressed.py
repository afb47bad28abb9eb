"""What comes back when somebody presses a button on a drawn card."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration.errors import UserError

REFRESH = "refresh"
"""The verb of asking for the card as one person sees it; it is never passed on."""
SAY = "say"
"""The verb of a choice: pressing it says `data["text"]`."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """`card` is the card's id ("" on a reply), `inputs` what was filled in, by field name."""

    card: str
    verb: str
    data: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


def words_of(value: Any, what: str) -> dict[str, str]:
    """A JSON object of words. Raises: UserError - it is something else."""
    if not isinstance(value, Mapping):
        raise not_ours(what)
    if not all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
        raise not_ours(what)
    return dict(value)


def word_of(value: Any, what: str) -> str:
    """Raises: UserError - it is no word."""
    if not isinstance(value, str):
        raise not_ours(what)
    return value


def not_ours(what: str) -> UserError:
    return UserError(f"this button cannot be used: {what}; please use the newest card")
