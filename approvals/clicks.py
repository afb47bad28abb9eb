"""A click on a card, checked when it happens: recorded, or refused with the rule and who could."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from approvals import refusals
from approvals.change import Digest
from approvals.gates import Decision, DecisionId, Met, Moment, Open, Unmeetable, Verdict
from approvals.phase import Phase
from approvals.principals import Principal
from approvals.quorum import Standing, all_met, at, seats, states, useful
from approvals.reasons import bad_reason
from approvals.refusals import Refused, Wanted


@dataclass(frozen=True, slots=True)
class Click:
    """What a person pressed: `button` as the surface sent it, `shown` what the card was about."""

    id: DecisionId
    by: Principal
    button: str
    shown: Digest
    at: datetime
    reason: str = ""
    moment: Moment = Moment.PLAN
    """What the card asked for: the sign-off on the plan, or to confirm it at its turn."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The decision to record, and whether nothing is missing once it is."""

    decision: Decision
    completes: bool


def check(click: Click, standing: Standing, phase: Phase) -> Refused | Accepted:
    """Whether this click counts; the first rule it breaks is the one it is told.

    The order is: does the button exist, may this person decide anything, can this step be decided
    at all, is it the plan that was shown, and only then what the button itself demands.
    """
    verdict = _verdict(click.button)
    if verdict is None:
        return refusals.unknown_button(click.button)
    standing = _knowing(standing, click.by)
    refused = (
        _by_person(click.by, standing)
        or refusals.by_phase(phase, verdict)
        or _by_card(click, verdict, standing)
        or _by_verdict(verdict, click.by, standing)
        or bad_reason(click.reason, required=verdict is Verdict.REJECT)
    )
    return refused or _accepted(verdict, click, standing)


def _verdict(button: str) -> Verdict | None:
    return next((verdict for verdict in Verdict if verdict.value == button), None)


def _knowing(standing: Standing, person: Principal) -> Standing:
    """The standing with this person as they are now, whatever the directory was read as."""
    others = tuple(each for each in standing.people if each.id != person.id)
    return replace(standing, people=(*others, person))


def _accepted(verdict: Verdict, click: Click, standing: Standing) -> Accepted:
    moment = _approved_at(click.by, standing) if verdict is Verdict.WITHDRAW else None
    decision = Decision(
        id=click.id,
        by=click.by.id,
        verdict=verdict,
        digest=standing.digest,
        moment=moment or standing.moment,
        at=click.at,
        reason=click.reason.strip(),
    )
    after = replace(standing, decisions=(*standing.decisions, decision))
    return Accepted(decision, all_met(after))


def _by_person(person: Principal, standing: Standing) -> Refused | None:
    return None if person.may_ask() else refusals.viewer(_wanted(standing))


def _by_card(click: Click, verdict: Verdict, standing: Standing) -> Refused | None:
    """What is agreed to has to be what was shown; to take it back is safe at any moment."""
    if click.shown != standing.digest:
        return refusals.stale_card()
    other = click.moment is not standing.moment and verdict is not Verdict.WITHDRAW
    return refusals.another_moment() if other else None


def _by_verdict(verdict: Verdict, person: Principal, standing: Standing) -> Refused | None:
    match verdict:
        case Verdict.WITHDRAW:
            return None if _approved_at(person, standing) else refusals.nothing_to_withdraw()
        case Verdict.REJECT:
            return _by_right_to_reject(person, standing)
        case Verdict.APPROVE:
            return _by_need(person, standing)
        case _:
            assert_never(verdict)


def _approved_at(person: Principal, standing: Standing) -> Moment | None:
    """The latest moment at which this person's approval stands."""
    moments = (standing.moment, Moment.PLAN)
    return next((each for each in moments if person.id in at(standing, each).approvers), None)


def _by_right_to_reject(person: Principal, standing: Standing) -> Refused | None:
    if _has_a_gate(person, standing):
        return None
    if person.id == standing.requester:
        return refusals.own_rejection()
    return refusals.not_an_approver(_wanted(standing))


def _by_need(person: Principal, standing: Standing) -> Refused | None:
    taken = seats(standing)
    if useful(standing, person.id, taken):
        return None
    wanted = _wanted(standing)
    if person.id in standing.approvers:
        return refusals.decided_already(wanted)
    if _has_a_gate(person, standing):
        return refusals.gate_met(_signed(standing), wanted)
    if person.id == standing.requester:
        return refusals.own_request(wanted)
    return refusals.not_an_approver(wanted)


def _has_a_gate(person: Principal, standing: Standing) -> bool:
    """Whether any gate of this moment, met or not, is this person's."""
    return any(gate.qualifies(person, standing.requester) for gate in standing.asked)


def _wanted(standing: Standing) -> Wanted:
    now = states(standing)
    opened = [state for state in now.values() if isinstance(state, Open)]
    return Wanted(
        gates=tuple(g.asks_for for g in standing.asked if not isinstance(now[g.id], Met)),
        could=tuple(dict.fromkeys(person for state in opened for person in state.could)),
        to_add=tuple(state.who_to_add for state in now.values() if isinstance(state, Unmeetable)),
    )


def _signed(standing: Standing) -> tuple[str, ...]:
    signed = (who for sitting in seats(standing).values() for who in sitting)
    people = (standing.person(who) for who in signed)
    return tuple(person.name for person in people if person)
