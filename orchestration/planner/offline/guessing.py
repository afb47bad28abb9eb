"""What the classifier makes of a message that no rule knows: at most three readings to offer."""

import re

from capabilities.capability import Catalogue
from orchestration.planner.consent import SAYING
from orchestration.planner.desk import Verb
from orchestration.planner.offline.amounts import N, number
from orchestration.planner.offline.classifier import classifier
from orchestration.planner.offline.reading import Doubt
from orchestration.planner.offline.situation import Situation
from orchestration.planner.offline.smalltalk import EXAMPLE
from orchestration.planner.wording import label

SURE, POSSIBLE, MOST = 0.30, 0.12, 3

_MESSAGES = {
    "submit": SAYING[Verb.SUBMIT],
    "cancel": SAYING[Verb.CANCEL],
    "retry": SAYING[Verb.RETRY],
    "roll_back": SAYING[Verb.ROLL_BACK],
    "destroy": SAYING[Verb.DESTROY],
    "discard": SAYING[Verb.DISCARD],
    "cheaper": "make it cheaper",
    "cost": "how much does it cost?",
    "status": "status",
    "undo": "undo",
    "help": "what can you do?",
    "history": "history",
    "copy": "same as last time",
    "approvals": "who has to approve?",
    "show": "show me the draft",
}


def guessed(text: str, catalogue: Catalogue, *, only_capabilities: bool = False) -> Doubt | None:
    """The nearest readings as complete messages, None when nothing is near."""
    likely = classifier().likely(text)
    if likely[0][0] == "other" or likely[0][1] < SURE:
        return None
    near = [label for label, share in likely[:MOST] if share >= POSSIBLE and label != "other"]
    messages = [_message(label, catalogue, only_capabilities) for label in near]
    choices = tuple(message for message in messages if message)
    return Doubt("I am not sure what you mean. Is it one of these?", choices) if choices else None


_RANGE = re.compile(rf"\b{N}\s*(?:-|to|up to|and)\s*{N}\b")
_LEAST = re.compile(rf"\b(?:at least|min(?:imum)?|no fewer than)\s+{N}\b")
_MOST = re.compile(rf"\b(?:at most|max(?:imum)?|up to|no more than)\s+{N}\b")


def numbered(text: str, situation: Situation) -> Doubt | None:
    """`make it 3 to 6` says nothing of workers: asked back where there is a cluster."""
    clusters = [step for step, values in situation.values.items() if "max_workers" in values]
    bounds = _bounds(text)
    if not clusters or not bounds:
        return None
    choices = ("; ".join(f"set {p} to {n} for {step}" for p, n in bounds) for step in clusters)
    return Doubt("Do you mean the workers?", tuple(choices))


def _bounds(text: str) -> list[tuple[str, int]]:
    if both := _RANGE.search(text):
        return [("min_workers", number(both[1])), ("max_workers", number(both[2]))]
    found = [
        (p, rule.search(text)) for p, rule in (("min_workers", _LEAST), ("max_workers", _MOST))
    ]
    return [(parameter, number(match[1])) for parameter, match in found if match]


def not_understood(situation: Situation) -> Doubt:
    """What can be said where the conversation stands, as complete messages."""
    if situation.deployment_open:
        return Doubt(f"{_NOT} Ask for one of these:", ("status", "who has to approve?"))
    if situation.missing:
        asked = label(str(situation.missing[0]["parameter"]))
        said = f"{_NOT} I still need the {asked}."
        hints = situation.missing[0]["suggestions"][:3]
        parameter = situation.missing[0]["parameter"]
        return Doubt(said, (*(f"set {parameter} to {hint}" for hint in hints), "what can you do?"))
    if situation.blank:
        return Doubt(f"{_NOT} {EXAMPLE}", ("what can you do?",))
    choices = ("show me the draft", "how much does it cost?", "what can you do?")
    return Doubt(f"{_NOT} Say a change, or one of these:", choices)


_NOT = "I did not understand that, so nothing was changed."


def _message(label: str, catalogue: Catalogue, only_capabilities: bool) -> str:
    if label in catalogue:
        return f"add {label}"
    return "" if only_capabilities else _MESSAGES.get(label, "")
