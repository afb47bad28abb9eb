"""What a check came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """`problems` is what has to be mended; `unknown` says why nobody can tell from here."""

    check: str
    found: str
    problems: tuple[str, ...] = ()
    unknown: str = ""

    @property
    def word(self) -> str:
        if self.problems:
            return "FAIL"
        return "?" if self.unknown else "ok"


class Unreachable(Exception):
    """Whoever knows did not answer, or not so that it can be believed."""
