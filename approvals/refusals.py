"""Clicks that do not count: one sentence for each rule, saying who could or what to do.

A refusal is a value for the person who clicked, not an error.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from approvals.gates import Verdict
from approvals.phase import Phase
from approvals.principals import Principal

People = tuple[Principal, ...]


class Rule(StrEnum):
    """Why a click was refused; the audit trail keeps it."""

    UNKNOWN_BUTTON = "unknown-button"
    VIEWER = "viewer"
    NOT_AN_APPROVER = "not-an-approver"
    OWN_REQUEST = "own-request"
    OWN_REJECTION = "own-rejection"
    STALE_CARD = "stale-card"
    DECIDED_ALREADY = "decided-already"
    GATE_MET = "gate-met"
    BEING_PLANNED = "being-planned"
    BLOCKED = "blocked"
    ALREADY_APPROVED = "already-approved"
    RUNNING = "running"
    FINISHED = "finished"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    REASON_MISSING = "reason-missing"
    REASON_TOO_LONG = "reason-too-long"
    NOTHING_TO_WITHDRAW = "nothing-to-withdraw"
    TOO_LATE_TO_WITHDRAW = "too-late-to-withdraw"


@dataclass(frozen=True, slots=True)
class Refused:
    """`text` goes to the person as it is; `could` are those whose click would count."""

    rule: Rule
    text: str
    could: People = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is still missing: the gates in words, who could, and whom nobody can replace."""

    gates: tuple[str, ...] = ()
    could: People = ()
    to_add: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.could:
            return f"{_names(tuple(person.name for person in self.could))} could."
        if self.to_add:
            return f"Nobody can yet: the directory lacks {' and '.join(self.to_add)}."
        return "Nobody else is needed now."


def unknown_button(button: str) -> Refused:
    known = ", ".join(verdict.value for verdict in Verdict)
    text = f"There is no button {button[:40]!r} on this card; the buttons are {known}."
    return Refused(Rule.UNKNOWN_BUTTON, text)


def viewer(wanted: Wanted) -> Refused:
    return Refused(Rule.VIEWER, f"Viewers can look but not decide. {wanted}", wanted.could)


def not_an_approver(wanted: Wanted) -> Refused:
    needs = " and ".join(wanted.gates) or "nothing more"
    text = f"This sign-off is not yours to give: it needs {needs}. {wanted}"
    return Refused(Rule.NOT_AN_APPROVER, text, wanted.could)


def own_request(wanted: Wanted) -> Refused:
    text = f"This needs someone other than the requester, and you asked for it. {wanted}"
    return Refused(Rule.OWN_REQUEST, text, wanted.could)


def own_rejection() -> Refused:
    text = "You asked for this yourself: Cancel takes it back, rejecting is for those who sign off."
    return Refused(Rule.OWN_REJECTION, text)


def stale_card() -> Refused:
    text = "The plan has changed since this card was drawn; the new card is below, decide there."
    return Refused(Rule.STALE_CARD, text)


def another_moment() -> Refused:
    text = "It is not asked what this card asked for any more; the new card is below, decide there."
    return Refused(Rule.STALE_CARD, text)


def decided_already(wanted: Wanted) -> Refused:
    text = f"You have approved this already, and a person counts once. {wanted}"
    return Refused(Rule.DECIDED_ALREADY, text, wanted.could)


def gate_met(signed: tuple[str, ...], wanted: Wanted) -> Refused:
    by = " and ".join(signed)
    text = f"What you could sign off has been signed off by {by}. {wanted}"
    return Refused(Rule.GATE_MET, text, wanted.could)


def reason_missing() -> Refused:
    text = "A rejection needs a reason in words; write what would have to change and reject again."
    return Refused(Rule.REASON_MISSING, text)


def reason_too_long(length: int, most: int) -> Refused:
    text = f"That reason has {length} characters, the most is {most}; shorten it and click again."
    return Refused(Rule.REASON_TOO_LONG, text)


def nothing_to_withdraw() -> Refused:
    text = "There is nothing to withdraw: you have no approval on this plan."
    return Refused(Rule.NOTHING_TO_WITHDRAW, text)


def by_phase(phase: Phase, verdict: Verdict) -> Refused | None:
    """Refuse what a step in this phase cannot take."""
    match phase:
        case Phase.AWAITING:
            return None
        case Phase.APPROVED:
            return _approved() if verdict is Verdict.APPROVE else None
        case Phase.PLANNING | Phase.BLOCKED:
            return _not_yet(phase) if verdict is Verdict.APPROVE else None
        case Phase.RUNNING:
            return _running(verdict)
        case Phase.FINISHED | Phase.REJECTED | Phase.CANCELLED:
            return _over(phase)
        case _:
            assert_never(phase)


def _approved() -> Refused:
    text = "Everybody needed has signed off and it is waiting to run; no more approvals are needed."
    return Refused(Rule.ALREADY_APPROVED, text)


def _not_yet(phase: Phase) -> Refused:
    if phase is Phase.BLOCKED:
        text = "Policy forbids this plan, so it cannot be approved; change what the findings name."
        return Refused(Rule.BLOCKED, text)
    text = "It is being planned again just now; a new card follows, decide there."
    return Refused(Rule.BEING_PLANNED, text)


def _running(verdict: Verdict) -> Refused:
    if verdict is Verdict.WITHDRAW:
        text = "It is too late to withdraw, it is already running; Cancel stops it."
        return Refused(Rule.TOO_LATE_TO_WITHDRAW, text)
    return Refused(Rule.RUNNING, "It is already running; Cancel stops it.")


def _over(phase: Phase) -> Refused:
    match phase:
        case Phase.REJECTED:
            text = "It has been rejected already; change the request and submit it again."
            return Refused(Rule.REJECTED, text)
        case Phase.CANCELLED:
            text = "It has been cancelled; submit it again if it is still wanted."
            return Refused(Rule.CANCELLED, text)
        case _:
            text = "It has finished already; roll back or destroy it if it should not be there."
            return Refused(Rule.FINISHED, text)


def _names(names: tuple[str, ...]) -> str:
    *some, last = names
    return f"{', '.join(some)} or {last}" if some else last
