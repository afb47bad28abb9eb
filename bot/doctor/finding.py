"""What a check found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Checked:
    """`to_do` is empty when all is well, else one sentence on how to mend it."""

    name: str
    found: str
    to_do: str = ""

    @property
    def ok(self) -> bool:
        return not self.to_do
