"""Whatever happens in whatever order: nothing runs unsigned, and no plan runs twice."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from approvals.clicks import Accepted, Click, check
from approvals.gates import DecisionId, Moment, Verdict
from approvals.principals import Principal
from orchestration import transitions
from orchestration.deciding import phase_of
from orchestration.deployment import (
    Applying,
    Deployment,
    PlanRecord,
    Step,
    StepDecision,
    Succeeded,
    Unplanned,
    plan_number,
)
from orchestration.errors import UserError
from orchestration.gating import gates_met, moment_of, quorum
from orchestration.standing import FINAL, standing
from orchestration.transitions import Superseded
from tests.unit.approving import ANA, EVERYBODY, NOON, OLGA, OMAR, VIC
from tests.unit.deploying import PRODUCTION, TURN, deployment, record, step

STEPS = ("a", "b")
people = st.sampled_from([OMAR, OMAR, OLGA, ANA, VIC])
seldom = st.sampled_from([False] * 9 + [True])
late = st.sampled_from([0, 0, 0, 0, 0, 0, 1, -1])
"""By how much a worker is wrong about the number of the plan."""
steps = st.sampled_from(STEPS)


class Lifecycle(RuleBasedStateMachine):
    """People click, workers work, crash and come late, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now: Deployment = deployment(step("a"), step("b", needs="a"))
        self.starts: list[tuple[str, int]] = []
        self.count = 0

    def _step(self, id: str) -> Step:
        return next(s for s in self.now.steps if s.id == id)

    def _try(self, after: object) -> None:
        """A transition that is refused changes nothing."""
        try:
            self.now = after()  # type: ignore[operator]
        except (Superseded, UserError):
            return

    @rule(id=steps, late=late, carry=st.booleans(), turn=seldom)
    def a_plan_is_made(self, id: str, late: int, carry: bool, turn: bool) -> None:
        found = self._step(id)
        number = max(1, plan_number(found.state) + 1 + late)
        gates = (PRODUCTION, TURN) if turn else (PRODUCTION,)
        plan = replace(record(number, *gates), carried=self._carried(found) if carry else None)
        self._try(lambda: transitions.planned(self.now, found, plan, EVERYBODY))

    def _carried(self, found: Step) -> object:
        """As the planning does it: only from a plan whose gates are met."""
        previous = self.now.plan(found)
        if previous and gates_met(self.now, found, previous, EVERYBODY, Moment.PLAN):
            return previous.binding
        return None

    @rule(
        id=steps,
        by=people,
        button=st.sampled_from(["approve"] * 8 + ["reject", "withdraw"]),
        stale=seldom,
    )
    def somebody_clicks(self, id: str, by: Principal, button: str, stale: bool) -> None:
        found, plan = self._step(id), self.now.plan(self._step(id))
        if plan is None:
            return
        self.count += 1
        shown = record(9).digest if stale else plan.binding
        moment = moment_of(found)
        click = Click(DecisionId(f"e{self.count}"), by, button, shown, NOON, "because", moment)
        outcome = check(click, quorum(self.now, found, plan, EVERYBODY, moment), phase_of(found))
        if isinstance(outcome, Accepted):
            said = StepDecision(found.id, outcome.decision)
            if outcome.decision.verdict is Verdict.REJECT:
                self.now = transitions.rejected(self.now, found, said)
            else:
                self.now = transitions.decided(self.now, said, EVERYBODY)

    @rule(id=steps, late=late)
    def it_is_planned_and_signed(self, id: str, late: int) -> None:
        self.a_plan_is_made(id, late, carry=True, turn=False)
        self.somebody_clicks(id, OMAR, "approve", stale=False)

    @rule(id=steps, late=late)
    def a_worker_starts(self, id: str, late: int) -> None:
        found = self._step(id)
        plan = plan_number(found.state) + late
        asks = self.now.asks_again(found) and not getattr(found.state, "confirmed", True)
        if asks:
            self._try(lambda: transitions.confirming(self.now, found))
            return
        before = self.now
        at = NOON + timedelta(seconds=self.count)
        self._try(
            lambda: transitions.applying(
                self.now, found, plan=plan, owner=f"w{plan}", at=at, people=EVERYBODY
            )
        )
        if self.now is not before:
            self.starts.append((id, plan))
            self._check_signed(before, found, self.now.plan(self._step(id)))

    def _check_signed(self, before: Deployment, found: Step, plan: PlanRecord | None) -> None:
        assert plan is not None
        for gate in plan.gates:
            words = [
                (d.decision.by, d.decision.verdict)
                for d in before.decisions[found.decided_from :]
                if d.step == found.id
                and d.decision.digest == (plan.carried or plan.digest)
                and d.decision.moment is gate.moment
            ]
            assert {by for by, verdict in dict(words).items() if verdict is Verdict.APPROVE} & {
                OMAR.id,
                OLGA.id,
            }

    @rule(
        id=steps,
        late=late,
        how=st.sampled_from(["succeeded", "failed", "interrupted", "stopped", "broken"]),
    )
    def an_apply_ends(self, id: str, late: int, how: str) -> None:
        found = self._step(id)
        if how == "broken" and not isinstance(found.state, Applying):
            return
        plan = plan_number(found.state) + late
        owner = f"w{plan}"
        failure = transitions.Failed(plan, NOON, "apply", "no")
        ends = {
            "succeeded": lambda: transitions.succeeded(
                self.now, found, owner=owner, at=NOON, outputs={}
            ),
            "failed": lambda: transitions.failed(self.now, found, failure, owner=owner),
            "interrupted": lambda: transitions.interrupted(self.now, found, plan=plan, at=NOON),
            "stopped": lambda: transitions.stopped(self.now, found, owner=owner, at=NOON),
            "broken": lambda: transitions.broken(self.now, found, failure, plan=plan, owner=owner),
        }
        self._try(ends[how])

    @rule(id=steps, late=late)
    def a_seal_is_broken(self, id: str, late: int) -> None:
        found = self._step(id)
        plan = plan_number(found.state) + late
        self._try(lambda: transitions.unsealed(self.now, found, plan=plan, why="old"))

    @rule(really=seldom)
    def it_is_cancelled(self, really: bool) -> None:
        if really:
            self._try(lambda: transitions.cancelled(self.now, by=ANA.id, at=NOON))

    @rule()
    def it_is_retried(self) -> None:
        self._try(lambda: transitions.retried(self.now))

    @rule(id=steps, really=seldom)
    def it_is_revised(self, id: str, really: bool) -> None:
        if not really:
            return
        changed = tuple(replace(s, values={}) if s.id == id else s for s in self.now.steps)
        self._try(lambda: transitions.revised(self.now, changed, title="other"))

    @invariant()
    def no_plan_is_started_twice(self) -> None:
        assert len(self.starts) == len(set(self.starts))

    @invariant()
    def what_runs_or_has_run_was_started(self) -> None:
        for found in self.now.steps:
            if isinstance(found.state, Applying | Succeeded):
                assert (found.id, found.state.plan) in self.starts

    @invariant()
    def a_new_plan_has_a_new_number(self) -> None:
        for found in self.now.steps:
            if isinstance(found.state, Unplanned):
                numbers = [r.number for k, r in self.now.plans.items() if k.startswith(found.id)]
                assert found.state.number > max(numbers, default=0)

    @precondition(lambda self: standing(self.now) in FINAL)
    @invariant()
    def what_has_ended_runs_nothing(self) -> None:
        assert not any(isinstance(found.state, Applying) for found in self.now.steps)


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
