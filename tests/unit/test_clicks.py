"""Every refused click has its own sentence; an accepted one is a decision."""

from dataclasses import replace

import pytest

from approvals.clicks import Accepted
from approvals.gates import Moment, Verdict
from approvals.phase import Phase
from approvals.principals import Principal, Role
from approvals.quorum import at
from approvals.refusals import Refused, Rule
from tests.unit.approving import (
    ANA,
    CONFIRM,
    FINANCE,
    LENA,
    MIA,
    NOON,
    OLGA,
    OMAR,
    OTHER,
    PRODUCTION,
    SHOWN,
    VIC,
    click,
    decision,
    gate,
    standing,
)

FRESH = standing(PRODUCTION, FINANCE)
SIGNED = standing(PRODUCTION, FINANCE, decisions=(decision(OMAR),))
ALONE = standing(PRODUCTION, people=(ANA, LENA))

REFUSALS = {
    Rule.UNKNOWN_BUTTON: click(OMAR, FRESH, "explode"),
    Rule.VIEWER: click(VIC, FRESH),
    Rule.NOT_AN_APPROVER: click(LENA, FRESH),
    Rule.OWN_REQUEST: click(ANA, FRESH),
    Rule.OWN_REJECTION: click(ANA, FRESH, "reject", reason="no"),
    Rule.STALE_CARD: click(OMAR, FRESH, shown=OTHER),
    Rule.DECIDED_ALREADY: click(OMAR, SIGNED),
    Rule.GATE_MET: click(OLGA, SIGNED),
    Rule.BEING_PLANNED: click(OMAR, FRESH, phase=Phase.PLANNING),
    Rule.BLOCKED: click(OMAR, FRESH, phase=Phase.BLOCKED),
    Rule.ALREADY_APPROVED: click(OLGA, SIGNED, phase=Phase.APPROVED),
    Rule.RUNNING: click(OMAR, FRESH, phase=Phase.RUNNING),
    Rule.FINISHED: click(OMAR, FRESH, phase=Phase.FINISHED),
    Rule.REJECTED: click(OMAR, FRESH, phase=Phase.REJECTED),
    Rule.CANCELLED: click(OMAR, FRESH, phase=Phase.CANCELLED),
    Rule.REASON_MISSING: click(OMAR, FRESH, "reject"),
    Rule.REASON_TOO_LONG: click(OMAR, FRESH, "reject", reason="x" * 501),
    Rule.NOTHING_TO_WITHDRAW: click(OLGA, SIGNED, "withdraw"),
    Rule.TOO_LATE_TO_WITHDRAW: click(OMAR, SIGNED, "withdraw", phase=Phase.RUNNING),
}

SENTENCES = {
    Rule.VIEWER: "Viewers can look but not decide. Omar, Olga or Mia could.",
    Rule.NOT_AN_APPROVER: "This sign-off is not yours to give: it needs 1 platform approver other "
    "than the requester and 1 finance approver other than the requester. Omar, Olga or Mia could.",
    Rule.OWN_REQUEST: "This needs someone other than the requester, and you asked for it. "
    "Omar, Olga or Mia could.",
    Rule.DECIDED_ALREADY: "You have approved this already, and a person counts once. Mia could.",
    Rule.GATE_MET: "What you could sign off has been signed off by Omar. Mia could.",
    Rule.STALE_CARD: "The plan has changed since this card was drawn; the new card is below, "
    "decide there.",
}


def test_every_rule_is_tried() -> None:
    assert set(REFUSALS) == set(Rule)


@pytest.mark.parametrize("rule", Rule)
def test_a_refusal_names_its_rule_in_its_own_sentence(rule: Rule) -> None:
    refused = REFUSALS[rule]
    assert isinstance(refused, Refused)
    assert refused.rule is rule
    texts = [each.text for each in REFUSALS.values() if isinstance(each, Refused)]
    assert texts.count(refused.text) == 1
    assert refused.text == SENTENCES.get(rule, refused.text)


def test_a_sign_off_nobody_can_give_says_whom_to_add() -> None:
    refused = click(ANA, ALONE)
    assert isinstance(refused, Refused)
    assert "the directory lacks 1 platform approver" in refused.text


def test_an_approval_is_bound_to_what_was_shown() -> None:
    accepted = click(OMAR, FRESH, reason="  fine ")
    assert isinstance(accepted, Accepted)
    said = accepted.decision
    assert (said.by, said.verdict, said.digest) == (OMAR.id, Verdict.APPROVE, SHOWN)
    assert (said.at, said.reason, said.moment) == (NOON, "fine", Moment.PLAN)
    assert not accepted.completes


def test_the_last_approval_completes() -> None:
    accepted = click(MIA, SIGNED)
    assert isinstance(accepted, Accepted)
    assert accepted.completes


def test_the_requester_confirms_and_takes_back_their_own_small_request() -> None:
    accepted = click(ANA, standing(CONFIRM))
    assert isinstance(accepted, Accepted)
    assert accepted.completes
    assert isinstance(click(ANA, standing(CONFIRM), "reject", reason="no"), Accepted)
    assert isinstance(click(OMAR, standing(CONFIRM)), Refused)


def test_somebody_whose_gate_is_met_may_still_reject() -> None:
    accepted = click(OLGA, SIGNED, "reject", reason="too big")
    assert isinstance(accepted, Accepted)
    assert not accepted.completes


@pytest.mark.parametrize("phase", [Phase.AWAITING, Phase.APPROVED, Phase.PLANNING])
def test_an_approval_can_be_withdrawn_until_it_runs(phase: Phase) -> None:
    accepted = click(OMAR, SIGNED, "withdraw", phase=phase)
    assert isinstance(accepted, Accepted)
    assert accepted.decision.verdict is Verdict.WITHDRAW


def test_an_approval_of_the_plan_can_be_withdrawn_while_execution_is_asked_for() -> None:
    again = gate("destroy", Role.PLATFORM, moment=Moment.EXECUTION)
    where = at(standing(PRODUCTION, again, decisions=(decision(OMAR),)), Moment.EXECUTION)
    accepted = click(OMAR, where, "withdraw")
    assert isinstance(accepted, Accepted)
    assert accepted.decision.moment is Moment.PLAN


@pytest.mark.parametrize(
    "reason",
    ["", "   ", "\n\t", "\u00a0\u2003", "\u200b\u200d", "\u3164", "\u0301", "...", "\u202e"],
)
def test_a_reason_without_words_is_none(reason: str) -> None:
    refused = click(OMAR, FRESH, "reject", reason=reason)
    assert isinstance(refused, Refused)
    assert refused.rule is Rule.REASON_MISSING


@pytest.mark.parametrize("reason", ["no", "大きすぎる", "слишком дорого", "8", "x" * 500])
def test_a_reason_in_any_script_is_one(reason: str) -> None:
    assert isinstance(click(OMAR, FRESH, "reject", reason=reason), Accepted)


def test_roles_are_those_the_person_has_now() -> None:
    promoted = Principal(LENA.id, LENA.name, frozenset({Role.PLATFORM}))
    assert isinstance(click(promoted, FRESH), Accepted)
    assert isinstance(click(Principal(OMAR.id, "Omar", frozenset({Role.LEAD})), FRESH), Refused)


def test_a_click_counts_only_for_what_its_card_asked() -> None:
    turn = gate("turn", Role.PLATFORM, moment=Moment.EXECUTION)
    found = standing(PRODUCTION, turn, decisions=(decision(OMAR),))
    at_its_turn = replace(found, moment=Moment.EXECUTION)
    twice = click(OMAR, at_its_turn, moment=Moment.PLAN)
    assert isinstance(twice, Refused)
    assert twice.rule is Rule.STALE_CARD
    assert isinstance(click(OMAR, at_its_turn, "withdraw", moment=Moment.PLAN), Accepted)
    assert isinstance(click(OMAR, at_its_turn), Accepted)
