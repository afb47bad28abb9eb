"""How much of a deployment a browser has seen: `<version>;<run>=<chunk>;...`, an SSE event id."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_PART = re.compile(r"([A-Za-z0-9_./-]{1,120})=(\d{1,8})")
_MOST = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """`lines`: by run, the last document of its log that was shown."""

    version: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return ";".join([str(self.version), *(f"{run}={n}" for run, n in self.lines.items())])


def parsed(text: str) -> Cursor:
    """What a browser says it has seen; nothing where it makes no sense."""
    version, *rest = text.split(";")[:_MOST]
    found = (_PART.fullmatch(part) for part in rest)
    lines = {match[1]: int(match[2]) for match in found if match}
    return Cursor(int(version) if version.isdecimal() and len(version) < 10 else 0, lines)
