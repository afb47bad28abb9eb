"""What the classifier makes of a message that no rule knows: at most three readings to offer."""

from capabilities.capability import Catalogue
from orchestration.planner.consent import SAYING
from orchestration.planner.desk import Verb
from orchestration.planner.offline.classifier import classifier
from orchestration.planner.offline.reading import Doubt

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


def _message(label: str, catalogue: Catalogue, only_capabilities: bool) -> str:
    if label in catalogue:
        return f"add {label}"
    return "" if only_capabilities else _MESSAGES.get(label, "")
