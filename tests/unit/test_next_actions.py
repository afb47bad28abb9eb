"""What has to happen now, and where a deployment stands, from a snapshot alone."""

from dataclasses import replace

import pytest

from approvals.gates import Moment
from approvals.quorum import all_met
from orchestration.deployment import Applying, Approved, Deployment, Kind, Step, Unplanned
from orchestration.gating import gates_met, quorum
from orchestration.next_actions import Do, NextAction, next_actions, wanted_jobs
from orchestration.ports import StepId
from orchestration.standing import FINAL, is_final, standing, stuck
from tests.unit.approving import ANA, CHANGE, EVERYBODY, NOON, OLGA, OMAR
from tests.unit.deploying import PRODUCTION, STATES, TURN, deployment, in_state, record, said, step

NAMED = {
    "unplanned": "plan/databricks/2",
    "approved": "apply/databricks/1",
    "applying": "apply/databricks/1",
}


@pytest.mark.parametrize("state", STATES)
def test_what_has_to_be_running_in_each_state(state: str) -> None:
    keys = [action.key for action in next_actions(in_state(state))]
    assert keys == ([NAMED[state]] if state in NAMED else [])


@pytest.mark.parametrize("state", STATES)
def test_only_what_has_to_be_running_may_hold_a_workspace(state: str) -> None:
    expected = {f"d-1/{NAMED[state]}"} if state in NAMED else set()
    assert wanted_jobs(in_state(state)) == expected


def test_an_apply_that_was_cancelled_is_to_be_stopped_and_keeps_its_workspace_until_then() -> None:
    cancelled = replace(in_state("applying"), cancelled_by=ANA.id)
    assert next_actions(cancelled) == (NextAction(Do.STOP, StepId("databricks"), 1),)
    assert "d-1/apply/databricks/1" in wanted_jobs(cancelled)


def test_a_step_with_gates_at_its_turn_asks_before_it_is_applied() -> None:
    found = deployment(step(state=Approved(1)), records=(record(1, PRODUCTION, TURN),))
    assert [a.do for a in next_actions(found)] == [Do.CONFIRM]
    confirmed = found.with_step(step(state=Approved(1, confirmed=True)))
    assert [a.do for a in next_actions(confirmed)] == [Do.APPLY]


@pytest.mark.parametrize("state", STATES)
def test_a_dependent_is_planned_at_once_and_applied_when_what_it_needs_is_done(state: str) -> None:
    first = step("a", STATES[state])
    behind = deployment(first, step("b", Approved(1), needs="a"), records=(record(),))
    planned = behind.with_step(step("b", Unplanned(1), needs="a"))
    ended_badly = state in {"failed", "rejected", "cancelled"}
    assert ("apply/b/1" in keys(behind)) == (state == "succeeded")
    assert ("plan/b/1" in keys(planned)) != ended_badly
    assert stuck(behind, behind.steps[1]) == ended_badly


def test_steps_that_need_nothing_of_each_other_run_side_by_side() -> None:
    both = deployment(step("a", Approved(1)), step("b", Applying(1, "w", NOON)))
    assert keys(both) == ["apply/a/1", "apply/b/1"]


def test_a_step_is_stuck_behind_a_failure_at_any_distance() -> None:
    chain = deployment(
        step("a", STATES["failed"]),
        step("b", Approved(1), needs="a"),
        step("c", Approved(1), needs="b"),
    )
    assert [stuck(chain, s) for s in chain.steps] == [False, True, True]
    assert standing(chain) == "failed"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ("unplanned", "planning"),
        ("awaiting", "awaiting"),
        ("confirming", "awaiting"),
        ("approved", "queued"),
        ("applying", "applying"),
        ("succeeded", "succeeded"),
        ("failed", "failed"),
        ("rejected", "rejected"),
        ("cancelled", "cancelled"),
        ("unplanned awaiting", "planning"),
        ("awaiting approved", "queued"),
        ("approved applying", "applying"),
        ("succeeded awaiting", "awaiting"),
        ("succeeded failed", "partly"),
        ("succeeded cancelled rejected", "partly"),
        ("failed rejected cancelled", "failed"),
        ("rejected cancelled", "rejected"),
        ("failed awaiting", "awaiting"),
        ("cancelled applying", "applying"),
    ],
)
def test_the_standing_of_steps_together(states: str, expected: str) -> None:
    names = states.split()
    found = deployment(*(step(f"s{n}", STATES[name]) for n, name in enumerate(names)))
    assert standing(found) == expected
    assert is_final(found) == (expected in FINAL)


def test_a_destroy_that_is_done_is_called_destroyed() -> None:
    assert standing(replace(in_state("succeeded"), kind=Kind.DESTROY)) == "destroyed"


# ---------------------------------------------------------------- gates of a plan


def test_a_plan_without_changes_asks_nobody_and_one_without_gates_is_never_met() -> None:
    nothing = replace(record(), gates=(), change=replace(CHANGE, resources=()))
    ungated = replace(record(), gates=())
    found = deployment(records=(nothing,))
    for plan, met in ((nothing, True), (ungated, False)):
        assert gates_met(found, found.steps[0], plan, EVERYBODY, Moment.PLAN) is met
        assert gates_met(found, found.steps[0], plan, EVERYBODY, Moment.EXECUTION) is True


def test_decisions_count_for_the_digest_that_a_plan_is_bound_to() -> None:
    approved = replace(in_state("approved"), decisions=(said(OMAR),))
    carried, own = record(2, carried=record().digest), record(2)
    assert met(approved, carried)
    assert not met(approved, own)


def test_who_has_left_the_directory_or_lost_the_role_does_not_count_any_more() -> None:
    approved = in_state("approved")
    others = tuple(person for person in EVERYBODY if person is not OMAR)
    demoted = (*others, replace(OMAR, roles=ANA.roles))
    for people in (others, demoted):
        assert not gates_met(approved, approved.steps[0], record(), people, Moment.PLAN)


def test_a_decision_on_one_step_does_not_count_for_another() -> None:
    both = replace(
        deployment(step("a"), step("b"), records=(record(),)), decisions=(said(OLGA, on="a"),)
    )
    standings = [quorum(both, s, record(), EVERYBODY) for s in both.steps]
    assert [all_met(one) for one in standings] == [True, False]


def met(found: Deployment, plan: object) -> bool:
    first: Step = found.steps[0]
    return gates_met(found, first, plan, EVERYBODY, Moment.PLAN)  # type: ignore[arg-type]


def keys(found: Deployment) -> list[str]:
    return [action.key for action in next_actions(found)]
