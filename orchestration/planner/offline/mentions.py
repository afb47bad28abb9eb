"""Capabilities that are named: wanted, not wanted, several of one kind, or none of ours."""

import re

from orchestration.planner.offline.negation import double, within
from orchestration.planner.offline.purposes import AFTER, BEFORE, NOT_PURPOSES
from orchestration.planner.offline.reading import Doubt, Reading, Wanted
from orchestration.planner.offline.spans import Found, Gazetteer, Taken
from orchestration.planner.offline.words import (
    CAPABILITIES,
    ELSEWHERE,
    ENVIRONMENTS,
    FOREIGN,
    NUMBERS,
)

_COUNT = re.compile(
    r"\b(?P<more>another|second|additional|one more|\d more|extra|further)\s+(?:\w+\s+)?$|\b(?P<n>\d{1,2}|"
    + "|".join(NUMBERS)
    + r")\s+(?:(?!more\b)\w+\s+)?$"
)
_LABEL = r"[a-z][a-z0-9]{1,20}"
_LABELS = re.compile(
    rf"(?:\s+accounts?|\s+workspaces?)?\s*(?:[,:(-]|called|named|for)\s*(?:one (?:for|called|named) )?(?P<l>{_LABEL}(?:\s*,\s*{_LABEL})*\s*(?:,\s*)?(?:and|&)\s*(?:one (?:for|called|named) )?{_LABEL})\b"
)
_LATER_LABELS = re.compile(
    rf"[:(]\s*(?P<l>{_LABEL}(?:\s*,\s*{_LABEL})*\s*(?:,\s*)?(?:and|&)\s*{_LABEL})\b"
)
_AND_ONE = re.compile(
    rf"\s*,?\s*and\s+(?:one|another(?: one)?)\s+for\s+(?:the\s+)?({_LABEL})(?:\s+data)?\b"
)
_SWAP = re.compile(r"\b(?:replace|swap|switch|exchange)\b(?P<a>.+?)\b(?:with|for|to|by)\b(?P<b>.+)")
_ALL = re.compile(
    r"\b(?:everything|all (?:of )?(?:them|it|that)|all capabilities|the whole lot)\b.{0,12}\b(?:except|but|other than|excluding|without)\b"
)
_WORKSPACE = re.compile(
    r"\b(?:need|want|get|create|give|set up|spin up|like|add|provision|deploy|have)\b.*\bworkspace\b"
)
_PLATFORM = re.compile(
    r"\b(?P<kind>ml|ai|machine learning|genai|llm|data|analytics|lakehouse)[\s-]+(?:platform|environment|stack|infrastructure|infra|landing zone|playground|setup|project)\b"
)
_PROPOSALS = {
    "data": ("databricks", "storage"),
    "analytics": ("databricks", "storage"),
    "lakehouse": ("databricks", "storage"),
}
_ML = ("databricks", "azure_openai", "ml_workspace", "firewall")
_LOOSE = {
    "lake",
    "llm",
    "gpt",
    "spark",
    "machine learning",
    "bucket",
    "database",
    "fabric",
    "lambda",
    "oracle",
    "sap",
}


_ENVIRONMENT_WORDS = {word for words in ENVIRONMENTS.values() for word in words}


class Capabilities:
    def __init__(self, known: frozenset[str]) -> None:
        self._known = known
        ours = [(word, key) for key, words in CAPABILITIES.items() for word in words]
        ours += [(key.replace("_", " "), key) for key in known]
        ours += [(word, key) for word, key in FOREIGN.items() if key in known]
        self._words = Gazetteer([*ours, *((word, f"?{word}") for word in ELSEWHERE)])

    def find(
        self, text: str, negated: list[tuple[int, int]], taken: Taken, reading: Reading
    ) -> None:
        mentions = [m for m in self._words.find(text, taken) if not _of_a_team(text, m)]
        swapped = _swapped(text)
        for mention in mentions:
            away = within(negated, mention.start) or within(swapped, mention.start)
            self._sort(mention, away, text, taken, reading)
        if _ALL.search(text) and reading.remove:
            reading.add = [Wanted(k) for k in sorted(self._known) if k not in reading.remove]
        self._both_ways(text, reading)
        if not mentions:
            self._vague(text, taken, reading)
        if "model" in {said.parameter for said in reading.said} and "azure_openai" in self._known:
            _implied("azure_openai", reading)

    def _sort(self, mention: Found, away: bool, text: str, taken: Taken, reading: Reading) -> None:
        key = mention.key
        if key.startswith("?") or key not in self._known:
            if not away:
                reading.unsupported.append(key.removeprefix("?").replace("_", " "))
        elif away:
            reading.remove += [key] if key not in reading.remove else []
        elif key not in [wanted.capability for wanted in reading.add]:
            reading.add.append(_wanted(mention, text, taken))

    def _both_ways(self, text: str, reading: Reading) -> None:
        """Named both as wanted and as not wanted, or negated twice: asked back."""
        torn = [w for w in reading.add if w.capability in reading.remove]
        unsure = reading.remove if double(text) else [w.capability for w in torn]
        for key in dict.fromkeys(unsure):
            choices = (f"add {key}", f"remove {key}")
            reading.doubts.append(Doubt(f"Do you want {key.replace('_', ' ')} or not?", choices))
        reading.add = [w for w in reading.add if w.capability not in unsure]
        reading.remove = [key for key in reading.remove if key not in unsure]

    def _vague(self, text: str, taken: Taken, reading: Reading) -> None:
        platform = _PLATFORM.search(text)
        if platform and taken.free(*platform.span()):
            wanted = _PROPOSALS.get(platform["kind"], _ML)
            reading.proposed = [key for key in wanted if key in self._known]
        elif _WORKSPACE.search(text) and not reading.said_names():
            options = [k for k in ("databricks", "ml_workspace") if k in self._known]
            if len(options) == 1:
                reading.add.append(Wanted(options[0]))
            elif options:
                choices = tuple(f"add {key}" for key in options)
                reading.doubts.append(Doubt("Which kind of workspace?", choices))


def _wanted(mention: Found, text: str, taken: Taken) -> Wanted:
    adjective = BEFORE.search(text[: mention.start])
    before = _COUNT.search(text[: adjective.start() if adjective else mention.start])
    more = bool(before and before["more"])
    count = 1
    if before and before["n"]:
        digits = before["n"]
        count = int(digits) if digits.isdigit() else NUMBERS[digits]
    count = count if 1 <= count <= 10 else 1
    labels = _labels(mention, text, count, adjective, taken)
    return Wanted(mention.key, max(count, len(labels)), labels, more)


def _labels(
    mention: Found, text: str, count: int, adjective: re.Match[str] | None, taken: Taken
) -> tuple[str, ...]:
    """What each of them is for; as many as there are, or as the words name."""
    if adjective:
        named = _split(adjective[1])
        if count in (1, len(named)):
            taken.take(*adjective.span(1))
            return named
    if count == 1:
        return _one_label(mention, text, taken)
    for rule in (_LABELS, _LATER_LABELS):
        search = rule.match if rule is _LABELS else rule.search
        found = search(text, mention.end)
        named = _split(found["l"]) if found else ()
        if found and len(named) == count and not set(named) & _ENVIRONMENT_WORDS:
            taken.take(*found.span("l"))
            return named
    return ()


def _one_label(mention: Found, text: str, taken: Taken) -> tuple[str, ...]:
    """`storage for backups`, `a storage account for customer data`, `... and one for logs`."""
    match = AFTER.match(text, mention.end)
    label = (match[1] or match[2]) if match else ""
    if not match or label in NOT_PURPOSES | _ENVIRONMENT_WORDS:
        return ()
    taken.take(*match.span())
    another = _AND_ONE.match(text, match.end())
    if another:
        taken.take(*another.span())
    return (label, another[1]) if another else (label,)


def _split(labels: str) -> tuple[str, ...]:
    parts = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*", labels)
    return tuple(re.sub(r"^(?:one (?:for|called|named) )", "", part) for part in parts if part)


def _of_a_team(text: str, mention: Found) -> bool:
    loose = mention.words in _LOOSE
    return loose and bool(
        re.match(r"\s+(?:team|squad|group|department|files?)\b", text[mention.end :])
    )


def _swapped(text: str) -> list[tuple[int, int]]:
    """`replace A with B`: A goes."""
    match = _SWAP.search(text)
    return [match.span("a")] if match else []


def _implied(key: str, reading: Reading) -> None:
    if key not in [w.capability for w in reading.add] and key not in reading.remove:
        reading.add.append(Wanted(key, implied=True))
