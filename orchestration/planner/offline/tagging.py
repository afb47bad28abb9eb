"""Tags: `tag it with cost-center 1234 and owner=ana`, `tags: app=scoring`."""

import re

from orchestration.planner.offline.reading import Said
from orchestration.planner.offline.spans import Taken

_CUE = re.compile(
    r"\btag(?:s|ged|ging)?\b(?:\s+(?:it|them|everything|all|both|this|that|the|resources?|as|with|by|on|of|to|be|should|please))*\s*[:=]?\s*"
)
_KEY = r"[a-z][\w.\-]{1,60}"
_VALUE = r"[\"']?([\w.@\-]{1,80}?)[\"']?(?=[\s,;!]|\.(?:\s|$)|$)"
_PAIR = re.compile(rf"({_KEY})\s*(?:=|:|\s+is\s+|\s+)\s*{_VALUE}", re.IGNORECASE)
_MARKED = re.compile(rf"({_KEY})\s*[=:]\s*{_VALUE}", re.IGNORECASE)
_JOIN = re.compile(r"\s*(?:,|;|\band\b|&)\s*(?:and\s+)?")


def tags(text: str, raw: str, taken: Taken) -> list[Said]:
    """Pairs in the case as written; after the first one only `key=value` goes on with the list."""
    cue = _CUE.search(text)
    if cue is None:
        return []
    found: dict[str, str] = {}
    position, rule = cue.end(), _PAIR
    while (match := rule.match(raw, position)) and not _is_no_pair(match):
        found[match[1]] = match[2]
        joined = _JOIN.match(raw, match.end())
        position, rule = (joined.end() if joined else match.end()), _MARKED
        if joined is None:
            break
    if not found or not taken.take(cue.start(), position):
        return []
    return [Said("tags", found)]


def _is_no_pair(match: re.Match[str]) -> bool:
    return match[1].lower() in ("and", "the", "with", "not", "for", "in", "is", "are", "you", "we")
