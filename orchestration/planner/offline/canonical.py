"""Messages of our own making, as buttons say them: `set KEY to VALUE for STEP; add X; remove Y`."""

import re
from typing import Any

from orchestration.planner.offline.reading import Reading, Said, Wanted

_SET = re.compile(r"set ([a-z][a-z0-9_]*) to (.+?)(?: for ([a-z0-9_\-]+))?")
_ADD = re.compile(r"add (another )?([a-z0-9_]+)")
_REMOVE = re.compile(r"remove ([a-z0-9_\-]+)")


def canonical(
    text: str, parameters: frozenset[str], capabilities: frozenset[str]
) -> Reading | None:
    """The exact reading of such a message, None for any other."""
    reading = Reading(text=text, canonical=True)
    for part in re.split(r"\s*;\s*| and (?=add [a-z0-9_]+\b)", text.strip()):
        if not _part(part, reading, parameters, capabilities):
            return None
    return reading


def _part(
    part: str, reading: Reading, parameters: frozenset[str], capabilities: frozenset[str]
) -> bool:
    if (match := _SET.fullmatch(part)) and match[1] in parameters:
        reading.said.append(Said(match[1], plain(match[2]), match[3] or ""))
        return True
    if (match := _ADD.fullmatch(part)) and match[2] in capabilities:
        reading.add.append(Wanted(match[2], another=bool(match[1])))
        return True
    if (match := _REMOVE.fullmatch(part)) and re.sub(r"-\d+$", "", match[1]) in capabilities:
        reading.remove.append(match[1])
        return True
    return False


def plain(text: str) -> Any:
    """Numbers and booleans as such, everything else as it is written."""
    if re.fullmatch(r"-?\d{1,12}", text):
        return int(text)
    if re.fullmatch(r"-?\d{1,12}\.\d{1,6}", text):
        return float(text)
    return {"true": True, "false": False, "True": True, "False": False}.get(text, text)
