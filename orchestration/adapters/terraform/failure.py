"""What Terraform says when it fails, as our errors: the resource and the first useful sentence."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from orchestration.adapters.terraform.events import Diagnostic
from orchestration.errors import SignoffError, WorkspaceLocked
from orchestration.ports import StateLock, TerraformFailed
from orchestration.redaction import redact

_LOCKED = "Error acquiring the state lock"
_STALE = "Saved plan is stale"
_LOCK_INFO = re.compile(r"^\s*(ID|Who|Operation|Created):[ \t]*(\S.*?)\s*$", re.M)
_CREATED = "%Y-%m-%d %H:%M:%S"
_FRAME = re.compile(r"^[│╷╵]\s?", re.M)
_CAUSE = re.compile(r"\bwith error: (.+)", re.S)
_SENTENCE = re.compile(r"(.+?[.!?])(?=\s|$)", re.S)
_TOO_SHORT, _TOO_LONG = 60, 300


class StateLocked(WorkspaceLocked):
    """Carries the lock, whose id removes it."""

    def __init__(self, message: str, lock: StateLock) -> None:
        super().__init__(message)
        self.lock = lock


def failure(operation: str, errors: Sequence[Diagnostic], text: str, code: int) -> SignoffError:
    """The error to raise for a run that ended with `code`; `text` is its output that was not JSON.

    A run ended by a signal it did not choose has an unknown outcome; where the saved plan is stale,
    another run came first, and what that has done is to be looked up as well.
    """
    found = [*errors, *_from_text(text)]
    for diagnostic in found:
        if diagnostic.summary == _LOCKED:
            return _locked(diagnostic.detail)
    first = found[0] if found else Diagnostic(f"Terraform ended with code {code}", text[-2000:])
    return TerraformFailed(
        operation,
        useful_sentence(first),
        address=first.address,
        detail=redact("\n\n".join(f"{d.summary}\n{d.detail}".strip() for d in found or [first])),
        outcome_known=code > 0 and all(d.summary != _STALE for d in found),
    )


def useful_sentence(diagnostic: Diagnostic) -> str:
    """What went wrong, without the request it went wrong in, in one line without secrets."""
    summary = diagnostic.summary.strip()
    if cause := _CAUSE.search(summary):
        summary = _first_sentence(cause[1])
    elif len(summary) < _TOO_SHORT and diagnostic.detail and not summary.endswith("."):
        summary = f"{summary}: {_first_sentence(diagnostic.detail)}"
    else:
        summary = _first_sentence(summary)
    return redact(" ".join(summary.split()))[:_TOO_LONG]


def _first_sentence(text: str) -> str:
    paragraph = text.strip().partition("\n\n")[0]
    found = _SENTENCE.match(paragraph)
    return found[1] if found else paragraph


def _locked(detail: str) -> StateLocked:
    told = dict(_LOCK_INFO.findall(detail))
    lock = StateLock(
        told.get("ID", ""),
        told.get("Who", ""),
        told.get("Operation", "").removeprefix("OperationType").lower(),
        _created(told.get("Created", "")),
    )
    by = f" by {lock.holder}" if lock.holder else ""
    return StateLocked(f"the workspace's state is locked{by}", lock)


def _created(text: str) -> datetime | None:
    """`2026-11-22 05:11:38.123456789 +0000 UTC`, as Go writes it; always UTC."""
    try:
        return datetime.strptime(text.partition(".")[0], _CREATED).replace(tzinfo=UTC)
    except ValueError:
        return None


def _from_text(text: str) -> list[Diagnostic]:
    """The errors in output meant for people, as `init` writes it."""
    blocks = _FRAME.sub("", text).split("Error: ")[1:]
    parts = (block.strip().partition("\n") for block in blocks)
    return [Diagnostic(summary.strip(), detail.strip()) for summary, _, detail in parts]
