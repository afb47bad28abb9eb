"""Quorum: who counts, for which gate, and who still could."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from approvals.change import Digest
from approvals.gates import Decision, Gate, GateId, Met, Moment, Open, Unmeetable, Verdict
from approvals.principals import Principal, Role
from approvals.quorum import all_met, at, gate_state, seats, states
from tests.unit.approving import (
    ANA,
    CONFIRM,
    EVERYBODY,
    FINANCE,
    LENA,
    MIA,
    OLGA,
    OMAR,
    OTHER,
    PRODUCTION,
    SHOWN,
    VIC,
    decision,
    gate,
    person,
    standing,
)

BOTH = person("bea", Role.PLATFORM, Role.FINANCE)


def _state(gate: Gate, *decisions: Decision) -> object:
    return gate_state(gate, decisions, SHOWN, ANA.id, EVERYBODY)


def test_an_open_gate_names_who_could() -> None:
    assert _state(PRODUCTION) == Open(1, (OMAR, OLGA))


def test_a_gate_is_met_by_those_who_approved_what_is_shown() -> None:
    assert _state(PRODUCTION, decision(OMAR)) == Met((OMAR.id,))
    assert _state(PRODUCTION, decision(OMAR, digest=OTHER)) == Open(1, (OMAR, OLGA))
    assert _state(PRODUCTION, decision(LENA)) == Open(1, (OMAR, OLGA))


def test_the_same_person_twice_counts_once() -> None:
    two = gate("two", Role.PLATFORM, count=2)
    assert _state(two, decision(OMAR), decision(OMAR)) == Open(1, (OLGA,))
    assert _state(two, decision(OMAR), decision(OLGA)) == Met((OMAR.id, OLGA.id))


def test_withdrawing_removes_an_approval_and_approving_again_restores_it() -> None:
    words = [decision(OMAR), decision(OMAR, Verdict.WITHDRAW)]
    assert _state(PRODUCTION, *words) == Open(1, (OMAR, OLGA))
    assert _state(PRODUCTION, *words, decision(OMAR)) == Met((OMAR.id,))


def test_the_requester_counts_only_where_the_gate_lets_them() -> None:
    own = standing(PRODUCTION, decisions=(decision(OMAR),), requester=OMAR)
    assert states(own)[PRODUCTION.id] == Open(1, (OLGA,))
    assert _state(CONFIRM, decision(ANA)) == Met((ANA.id,))


def test_a_gate_nobody_but_the_requester_could_meet_says_so_and_whom_to_add() -> None:
    alone = standing(PRODUCTION, people=(ANA, OMAR), requester=OMAR)
    state = states(alone)[PRODUCTION.id]
    assert isinstance(state, Unmeetable)
    assert "nobody but the requester" in state.why
    assert state.who_to_add == "1 platform approver other than the requester"


def test_one_person_with_two_roles_cannot_meet_two_gates() -> None:
    both = standing(PRODUCTION, FINANCE, people=(ANA, BOTH), decisions=(decision(BOTH),))
    found = list(states(both).values())
    assert sum(isinstance(each, Met) for each in found) == 1
    assert sum(isinstance(each, Unmeetable) for each in found) == 1
    assert not all_met(both)


def test_a_later_approval_moves_an_earlier_one_to_the_gate_it_fits_as_well() -> None:
    first = standing(PRODUCTION, FINANCE, people=(ANA, BOTH, OMAR), decisions=(decision(BOTH),))
    then = replace(first, decisions=(*first.decisions, decision(OMAR)))
    assert seats(then) == {PRODUCTION.id: (OMAR.id,), FINANCE.id: (BOTH.id,)}
    assert all_met(then)


def test_an_approval_counts_only_as_long_as_the_role_is_held() -> None:
    demoted = Principal(OMAR.id, OMAR.name, frozenset({Role.VIEWER}))
    where = standing(PRODUCTION, people=(ANA, demoted, OLGA), decisions=(decision(OMAR),))
    assert states(where)[PRODUCTION.id] == Open(1, (OLGA,))


def test_a_viewer_never_counts_even_when_named() -> None:
    named = Gate(GateId("named"), "vic it is", people=frozenset({VIC.id}))
    assert isinstance(_state(named, decision(VIC)), Unmeetable)


def test_a_step_without_a_gate_is_never_signed_off() -> None:
    assert not all_met(standing())


def test_a_rejection_ends_it_whatever_else_was_said() -> None:
    words = (decision(OLGA, Verdict.REJECT, OTHER), decision(OMAR))
    assert not all_met(standing(PRODUCTION, decisions=words))


def test_execution_asks_again_and_needs_the_plan_still_signed_off() -> None:
    again = gate("destroy", Role.PLATFORM, moment=Moment.EXECUTION)
    planned = standing(PRODUCTION, again, decisions=(decision(OMAR),))
    assert all_met(planned)
    executing = at(planned, Moment.EXECUTION)
    assert not all_met(executing)
    said = (*planned.decisions, decision(OMAR, moment=Moment.EXECUTION))
    assert all_met(replace(executing, decisions=said))
    withdrawn = (*said, decision(OMAR, Verdict.WITHDRAW))
    assert not all_met(replace(executing, decisions=withdrawn))


GATES = st.lists(
    st.builds(
        gate,
        st.text("abc", min_size=1, max_size=3),
        st.sampled_from(Role),
        st.sampled_from(Role),
        count=st.integers(1, 2),
    ),
    max_size=4,
    unique_by=lambda each: each.id,
)
PEOPLE = st.lists(
    st.builds(person, st.sampled_from("abcdef"), st.sampled_from(Role), st.sampled_from(Role)),
    max_size=6,
    unique_by=lambda each: each.id,
)


@given(GATES, PEOPLE, st.data())
def test_a_person_sits_once_where_they_qualify_and_what_is_open_can_be_met(
    gates: list[Gate], people: list[Principal], data: st.DataObject
) -> None:
    said = [decision(each) for each in people if data.draw(st.booleans())]
    where = standing(*gates, people=tuple(people), decisions=tuple(said))
    taken = seats(where)
    sitting = [who for each in taken.values() for who in each]
    assert len(sitting) == len(set(sitting))
    for each in gates:
        assert len(taken[each.id]) <= each.count
        assert all(each.qualifies(p, ANA.id) for p in people if p.id in taken[each.id])
    for state in states(where).values():
        assert not isinstance(state, Open) or state.could
    everybody = replace(where, decisions=tuple(decision(each) for each in people))
    reachable = not any(isinstance(state, Unmeetable) for state in states(where).values())
    assert all_met(everybody) == (reachable and bool(gates))


@given(st.permutations([decision(OMAR), decision(MIA), decision(LENA)]))
def test_the_order_of_approvals_does_not_matter(words: list[Decision]) -> None:
    assert all_met(standing(PRODUCTION, FINANCE, decisions=tuple(words)))


def test_digests_of_other_plans_never_count() -> None:
    words = tuple(decision(OMAR, digest=Digest(f"sha256:{n}")) for n in range(3))
    assert not all_met(standing(PRODUCTION, decisions=words))
