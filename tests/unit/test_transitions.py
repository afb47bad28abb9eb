"""The table of the lifecycle: what each transition does to a step in each state."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest

from approvals.change import Digest
from approvals.gates import Moment, Verdict
from approvals.principals import Principal
from orchestration import transitions
from orchestration.deployment import (
    Applying,
    Approved,
    Awaiting,
    Cancelled,
    Confirming,
    Deployment,
    Failed,
    Step,
    StepDecision,
    StepState,
    Succeeded,
    Unplanned,
    plan_key,
)
from orchestration.errors import UserError
from orchestration.ports import Import, StepId
from orchestration.transitions import MOST_ATTEMPTS, Superseded
from tests.unit.approving import ANA, EVERYBODY, OLGA, OMAR
from tests.unit.deploying import (
    LATER,
    PRODUCTION,
    STATES,
    TURN,
    deployment,
    in_state,
    record,
    said,
    step,
)

Move = Callable[[Deployment, Step], Deployment]
FAILURE = Failed(0, LATER, "plan", "no")
OWNER = "worker-1"

MOVES: dict[str, Move] = {
    "planned": lambda d, s: transitions.planned(d, s, record(2), EVERYBODY),
    "decided": lambda d, s: transitions.decided(d, said(OMAR, number=1), EVERYBODY),
    "advanced": lambda d, s: transitions.advanced(d, s, EVERYBODY),
    "confirming": transitions.confirming,
    "queued": lambda d, s: transitions.queued(d, s, place=2, behind="x"),
    "applying": lambda d, s: transitions.applying(
        d, s, plan=1, owner="worker-2", at=LATER, people=EVERYBODY
    ),
    "starved": lambda d, s: transitions.starved(d, s, replace(FAILURE, plan=1)),
    "succeeded": lambda d, s: transitions.succeeded(d, s, owner=OWNER, at=LATER, outputs={}),
    "unplannable": lambda d, s: transitions.unplannable(d, s, FAILURE, plan=2),
    "failed": lambda d, s: transitions.failed(d, s, FAILURE, owner=OWNER),
    "interrupted": lambda d, s: transitions.interrupted(d, s, plan=1, at=LATER),
    "stopped": lambda d, s: transitions.stopped(d, s, owner=OWNER, at=LATER),
    "unsealed": lambda d, s: transitions.unsealed(d, s, plan=1, why="too old"),
    "rejected": lambda d, s: transitions.rejected(d, s, said(OMAR, Verdict.REJECT)),
    "cancelled": lambda d, s: transitions.cancelled(d, by=ANA.id, at=LATER),
    "retried": lambda d, s: transitions.retried(d),
    "revised": lambda d, s: transitions.revised(d, [replace(s, values={})], title="other"),
    "broken": lambda d, s: transitions.broken(d, s, FAILURE, plan=1, owner=OWNER),
}
"""`rejected` is asked for only when the click was allowed: `approvals.clicks` refuses the rest."""

LATE, NO = "late", "no"
"""Overtaken, for a worker; refused, for a person."""


def _r(line: str) -> dict[str, str]:
    return dict(zip(STATES, line.split(), strict=True))


# fmt: off
TABLE: dict[str, dict[str, str]] = {
    # unplanned  awaiting  approved  confirming  applying  succeeded  failed  rejected  cancelled
    "planned": _r("awaiting late late late late late late late late"),
    "decided": _r("unplanned approved approved confirming applying succeeded failed rejected cancelled"),  # noqa: E501
    "advanced": _r("unplanned awaiting approved confirming applying succeeded failed rejected cancelled"),  # noqa: E501
    "confirming": _r("late late confirming late late late late late late"),
    "queued": _r("late late approved late late late late late late"),
    "applying": _r("late late applying late late late late late late"),
    "starved": _r("late late failed late late late late late late"),
    "succeeded": _r("late late late late succeeded late late late late"),
    "unplannable": _r("failed late late late late late late late late"),
    "failed": _r("late late late late failed late late late late"),
    "interrupted": _r("late late late late unplanned late late late late"),
    "stopped": _r("late late late late unplanned late late late late"),
    "unsealed": _r("late unplanned unplanned unplanned late late late late late"),
    "rejected": _r("rejected rejected rejected rejected rejected rejected rejected rejected rejected"),  # noqa: E501
    "cancelled": _r("cancelled cancelled cancelled cancelled applying no no no no"),
    "retried": _r("no no no no no no unplanned no unplanned"),
    "revised": _r("unplanned unplanned unplanned no no no no no no"),
    "broken": _r("late late failed late unplanned late late late late"),
}
# fmt: on


def outcome(move: Move, before: Deployment) -> str:
    try:
        return move(before, before.steps[0]).steps[0].state.kind
    except Superseded:
        return LATE
    except UserError:
        return NO


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
def test_the_table_holds(move: str, state: str) -> None:
    assert outcome(MOVES[move], in_state(state)) == TABLE[move][state]


def test_the_table_is_total() -> None:
    kinds = [kind.__dataclass_fields__["kind"].default for kind in get_args(StepState)]
    assert sorted(STATES) == sorted(kinds)
    public = [
        name
        for name, function in inspect.getmembers(transitions, inspect.isfunction)
        if function.__module__ == transitions.__name__
        and not name.startswith("_")
        and function.__annotations__["return"] is Deployment
    ]
    assert {name.split()[0] for name in MOVES} == set(public)
    assert TABLE.keys() == MOVES.keys()


def test_only_the_attempt_that_runs_a_plan_records_its_end() -> None:
    running = in_state("applying")
    for move in (
        lambda d, s: transitions.succeeded(d, s, owner="worker-2", at=LATER, outputs={}),
        lambda d, s: transitions.failed(d, s, FAILURE, owner="worker-2"),
        lambda d, s: transitions.stopped(d, s, owner="worker-2", at=LATER),
        lambda d, s: transitions.interrupted(d, s, plan=2, at=LATER),
        lambda d, s: transitions.broken(d, s, FAILURE, plan=1, owner="worker-2"),
        lambda d, s: transitions.broken(d, s, FAILURE, plan=2, owner=None),
    ):
        assert outcome(move, running) == LATE


def test_a_plan_is_started_by_its_number_only() -> None:
    move = lambda d, s: transitions.applying(d, s, plan=2, owner="x", at=LATER, people=EVERYBODY)  # noqa: E731
    assert outcome(move, in_state("approved")) == LATE


def test_a_plan_made_under_an_old_number_is_not_taken() -> None:
    move = lambda d, s: transitions.planned(d, s, record(1), EVERYBODY)  # noqa: E731
    assert outcome(move, in_state("unplanned")) == LATE
    move = lambda d, s: transitions.unplannable(d, s, FAILURE, plan=1)  # noqa: E731
    assert outcome(move, in_state("unplanned")) == LATE


def test_a_plan_within_what_was_approved_needs_no_new_approval() -> None:
    before = replace(in_state("unplanned"), decisions=(said(OMAR),))
    carried = transitions.planned(
        before, before.steps[0], record(2, carried=record().digest), EVERYBODY
    )
    assert carried.steps[0].state == Approved(2)
    other = transitions.planned(before, before.steps[0], record(2), EVERYBODY)
    assert other.steps[0].state == Awaiting(2)


def test_an_approval_of_another_plan_does_not_count() -> None:
    waiting = in_state("awaiting")
    other = said(OMAR, digest=Digest("sha256:" + "9" * 64))
    assert transitions.decided(waiting, other, EVERYBODY).steps[0].state == Awaiting(1)


def test_a_withdrawn_approval_takes_a_waiting_step_back() -> None:
    approved = in_state("approved")
    after = transitions.decided(approved, said(OMAR, Verdict.WITHDRAW), EVERYBODY)
    assert after.steps[0].state == Awaiting(1)


def test_at_its_turn_a_step_waits_for_the_gates_of_that_moment() -> None:
    found = deployment(step(state=Confirming(1)), records=(record(1, record().gates[0], TURN),))
    found = replace(found, decisions=(said(OMAR),))
    once_more = said(OMAR, moment=Moment.EXECUTION, number=1)
    after = transitions.decided(found, once_more, EVERYBODY)
    assert after.steps[0].state == Approved(1, confirmed=True)


def test_cancelling_leaves_what_runs_to_its_worker() -> None:
    both = deployment(
        step("a", Applying(1, OWNER, LATER)), step("b", Awaiting(1)), records=(record(),)
    )
    after = transitions.cancelled(both, by=ANA.id, at=LATER)
    assert [s.state.kind for s in after.steps] == ["applying", "cancelled"]
    assert after.cancelled_by == ANA.id
    stopped = transitions.stopped(after, after.steps[0], owner=OWNER, at=LATER)
    assert stopped.steps[0].state == Cancelled(1, ANA.id, LATER, started=True)


def test_a_cancelled_apply_that_died_is_not_planned_again() -> None:
    cancelled = transitions.cancelled(in_state("applying"), by=ANA.id, at=LATER)
    after = transitions.interrupted(cancelled, cancelled.steps[0], plan=1, at=LATER)
    assert after.steps[0].state == Cancelled(1, ANA.id, LATER, started=True)


def test_what_is_being_stopped_cannot_be_retried_yet() -> None:
    both = deployment(step("a", Applying(1, OWNER, LATER)), step("b", Awaiting(1)))
    cancelled = transitions.cancelled(both, by=ANA.id, at=LATER)
    with pytest.raises(UserError, match="still being stopped"):
        transitions.retried(cancelled)


def test_a_retry_looks_up_what_exists_and_takes_only_the_wanted_steps() -> None:
    both = deployment(step("a", STATES["failed"]), step("b", STATES["failed"]), records=(record(),))
    after = transitions.retried(both, ["b-ml"])
    assert [s.state for s in after.steps] == [STATES["failed"], Unplanned(2, "retried", True)]
    with pytest.raises(UserError, match="no failed or cancelled"):
        transitions.retried(both, ["c"])


def test_an_apply_that_is_cut_off_for_ever_ends_as_failed() -> None:
    again = tuple(record(n, carried=record().digest) for n in range(2, MOST_ATTEMPTS + 1))
    running = deployment(
        step(state=Applying(MOST_ATTEMPTS, OWNER, LATER)), records=(record(), *again)
    )
    after = transitions.interrupted(running, running.steps[0], plan=MOST_ATTEMPTS, at=LATER)
    assert isinstance(after.steps[0].state, Failed)


def test_what_a_plan_adopts_is_looked_up_again_when_it_is_renewed() -> None:
    adopting = deployment(
        step(state=Approved(1)), records=(record(imports=(Import("a.b", "id"),)),)
    )
    after = transitions.unsealed(adopting, adopting.steps[0], plan=1, why="too old")
    assert after.steps[0].state == Unplanned(2, "too old", interrupted=True)


def test_a_revision_plans_every_step_again_and_an_equal_one_none() -> None:
    before = deployment(
        step("a", Approved(1)), step("b", Awaiting(1)), step("c", Unplanned(1)), records=(record(),)
    )
    steps = [step("a"), replace(step("b"), values={}), replace(step("c"), values={})]
    after = transitions.revised(before, steps, title="other")
    assert [s.state for s in after.steps] == [
        Unplanned(2, "the request changed"),
        Unplanned(2, "the request changed"),
        Unplanned(2, "the request changed"),
    ]
    assert after.title == "other"
    assert transitions.revised(before, before.steps, title=before.title) == before


def test_a_step_that_is_asked_for_again_does_not_take_its_old_plans() -> None:
    dropped = replace(
        deployment(step("a", Awaiting(1))), plans={plan_key(StepId("b"), 3): record(3)}
    )
    after = transitions.revised(dropped, [step("a"), step("b")], title="other")
    assert after.step(StepId("b")).state == Unplanned(4, "the request changed")


def test_a_fault_of_our_own_after_a_start_is_an_unknown_outcome() -> None:
    running = in_state("applying")
    after = transitions.broken(running, running.steps[0], FAILURE, plan=1, owner=OWNER)
    assert after.steps[0].state == Unplanned(
        2, "the apply was interrupted; what exists was looked up", interrupted=True
    )


def test_the_duration_is_of_the_apply() -> None:
    running = in_state("applying")
    after = transitions.succeeded(
        running, running.steps[0], owner=OWNER, at=LATER, outputs={"id": "x"}
    )
    assert after.steps[0].state == Succeeded(1, LATER, 60.0, {"id": "x"})
    assert isinstance(STATES["confirming"], Confirming)


def asked_again(*decisions: StepDecision, state: StepState) -> Deployment:
    """A step whose plan takes a confirmation at its turn as well."""
    plan = record(1, PRODUCTION, TURN)
    return replace(deployment(step(state=state), records=(plan,)), decisions=decisions)


def test_an_apply_that_comes_late_finds_the_gates_shut() -> None:
    start = MOVES["applying"]
    unconfirmed = asked_again(said(OMAR), state=Approved(1))
    assert outcome(start, unconfirmed) == LATE
    taken_back = asked_again(said(OMAR), state=Approved(1, confirmed=True))
    assert outcome(start, taken_back) == LATE
    unsigned = replace(in_state("approved"), decisions=())
    assert outcome(start, unsigned) == LATE


def test_a_confirmation_does_not_outlive_what_it_confirmed() -> None:
    yes = said(OLGA, moment=Moment.EXECUTION, number=1)
    confirmed = asked_again(said(OMAR), yes, state=Approved(1, confirmed=True))
    back = transitions.decided(confirmed, said(OMAR, Verdict.WITHDRAW), EVERYBODY)
    assert back.steps[0].state == Awaiting(1)
    again = transitions.decided(back, said(OMAR, number=2), EVERYBODY)
    turn = transitions.confirming(again, again.steps[0])
    assert transitions.advanced(turn, turn.steps[0], EVERYBODY).steps[0].state == Confirming(1)


def test_a_confirmation_can_be_taken_back_until_it_runs() -> None:
    yes = said(OLGA, moment=Moment.EXECUTION, number=1)
    confirmed = asked_again(said(OMAR), yes, state=Approved(1, confirmed=True))
    no = said(OLGA, Verdict.WITHDRAW, moment=Moment.EXECUTION)
    assert transitions.decided(confirmed, no, EVERYBODY).steps[0].state == Confirming(1)


@pytest.mark.parametrize(("by", "kept"), [(ANA, [OMAR.id]), (OMAR, [])])
def test_what_somebody_else_cancels_has_to_be_signed_anew(by: Principal, kept: list[str]) -> None:
    yes = said(OLGA, moment=Moment.EXECUTION, number=1)
    confirmed = asked_again(said(OMAR), yes, state=Approved(1, confirmed=True))
    again = transitions.retried(transitions.cancelled(confirmed, by=by.id, at=LATER))
    assert [d.by for d in again.decisions_on("databricks")] == kept
