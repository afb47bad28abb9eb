"""What things are for, and which step is meant by it: `raw`, `the curated one`, `the second`."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.planner.offline.normal import cleaned, lowered
from orchestration.planner.offline.situation import Situation

PURPOSES = frozenset(
    "raw curated bronze silver gold landing archive archives backup backups logs logging exports "
    "imports scratch temp tmp features training reports reporting media images telemetry audit "
    "events snapshots checkpoints artifacts refined trusted enriched cleansed clean processed "
    "reference experiments ingest inbound outbound published".split()
)
"""Words that say what a store is for when they stand before it."""

SLUG = r"[a-z](?:[a-z0-9-]{0,10}[a-z0-9])"
_ONE = "|".join(sorted(PURPOSES, key=len, reverse=True))
BEFORE = re.compile(rf"\b((?:{_ONE})(?:(?:\s*,\s*|\s+and\s+|\s*&\s*)(?:{_ONE}))*)\s+$")
AFTER = re.compile(
    rf"(?:\s+accounts?|\s+workspaces?)?\s+(?:for|with|to (?:keep|store|hold))\s+(?:the\s+|our\s+)?(?:({SLUG})\s+data\b|({_ONE})\b)"
)
SAID = re.compile(rf"\bpurpose\s*(?:is|=|:|to|should be)?\s*['\"]?({SLUG})\b")
NOT_PURPOSES = frozenset(
    "the our my their this that these those all some more any customer-s its of for to is team".split()
)

_ORDINALS = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1}
_ADDING = re.compile(
    r"\b(?:add|another|additional|one more|plus|new)\b|\b(?:two|three|four|\d)\s+(?:\w+\s+)?(?:storage|accounts|workspaces)"
)
_THING = r"(?:\s+(?:one|account|storage account|storage|lake|workspace|step|bucket)\b(?!-))?"
_LIST = re.compile(r"\b(?:containers?|filesystems?|folders?|named?|called?|call)\b[^.;]*$")
_BREAK = re.compile(r"\s*[,;]\s*(?:and\s+|but\s+)?|\.\s+|\s+(?:and|but|while)\s+")
_AWAY = re.compile(
    r"(?:please\s+)?(?:drop|remove|delete|skip|scrap|no|without|ditch|get rid of|lose|forget|cancel)(?:\s+please)?"
)
_RENAMED = re.compile(rf"(?:rename|call|change)\s+(?:it\s+)?(?:to\s+|as\s+)?({SLUG})")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a message that is about one step, without the words that name the step."""

    step: str
    text: str

    @property
    def away(self) -> bool:
        return bool(_AWAY.fullmatch(self.text.strip(" .!?")))

    @property
    def renamed(self) -> str:
        match = _RENAMED.fullmatch(self.text.strip(" .!?"))
        return match[1] if match else ""


@dataclass(frozen=True, slots=True)
class _Reference:
    steps: tuple[str, ...]
    start: int
    end: int


def addressed(text: str, situation: Situation) -> list[Part]:
    """The parts of a message that name steps by purpose or place; empty when none is named."""
    plain = cleaned(text)
    lower = lowered(plain)
    if _ADDING.search(lower):
        return []
    references = _references(lower, situation)
    if not references:
        return []
    return [
        Part(step, " ".join(f"{plain[start : r.start]} {plain[r.end : end]}".split()))
        for r, start, end in _pieces(lower, references)
        for step in r.steps
    ]


def _references(text: str, situation: Situation) -> list[_Reference]:
    words = _words(situation)
    if not words:
        return []
    body = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    rule = re.compile(
        rf"(?<![\w\-./])(?:(?P<to>for|in|into|on|to|from|of)\s+)?(?:the\s+)?(?P<w>{body}|others?){_THING}(?![\w\-/])"
    )
    found: list[_Reference] = []
    for match in rule.finditer(text):
        if _LIST.search(text[: match.start()]) and not match["to"]:
            continue
        steps = words.get(match["w"]) or _others(found, situation)
        if steps:
            found.append(_Reference(steps, *match.span()))
    return found


def _words(situation: Situation) -> Mapping[str, tuple[str, ...]]:
    """Purposes and, where there are several steps of a kind, their places and ids."""
    found: dict[str, tuple[str, ...]] = {}
    for step, values in situation.values.items():
        purpose = values.get("purpose")
        if isinstance(purpose, str) and purpose:
            found[purpose] = (*found.get(purpose, ()), step)
    counted = Counter(situation.steps.values())
    for capability, count in counted.items():
        steps = [s for s, c in situation.steps.items() if c == capability]
        if count > 1 and len([c for c in counted.values() if c > 1]) == 1:
            places = {w: n for w, n in _ORDINALS.items() if n < count}
            found |= {word: (steps[n],) for word, n in places.items() if word not in found}
            found |= {step: (step,) for step in steps[1:]}
    return found


def _others(found: list[_Reference], situation: Situation) -> tuple[str, ...]:
    """`the others`: those of the same kind that have not been named."""
    named = {step for reference in found for step in reference.steps}
    kinds = {situation.steps[step] for step in named}
    return tuple(s for s, c in situation.steps.items() if c in kinds and s not in named)


def _pieces(text: str, references: list[_Reference]) -> list[tuple[_Reference, int, int]]:
    """Each reference with its stretch of the text: they part at the last break between them."""
    pieces, start = [], 0
    for reference, following in zip(references, [*references[1:], None], strict=True):
        end = len(text)
        if following is not None:
            breaks = list(_BREAK.finditer(text, reference.end, following.start))
            end = breaks[-1].start() if breaks else following.start
        pieces.append((reference, start, end))
        start = breaks[-1].end() if following is not None and breaks else end
    return pieces
