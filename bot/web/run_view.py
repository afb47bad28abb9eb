"""A deployment as its page shows it, part by part."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from approvals.audit import Broken
from approvals.change import Action, ResourceChange
from approvals.gates import Gate, GateState, Met, Moment
from approvals.principals import Principal, PrincipalId
from approvals.quorum import states
from approvals.summary import summary
from bot.web.visitor import Visitor
from capabilities.cost import CostEstimate, total
from orchestration.cards.changes import thing
from orchestration.cards.model import Button, Card
from orchestration.deployment import Deployment, PlanRecord, Step, StepDecision
from orchestration.gating import quorum
from orchestration.jobs.log import Run
from orchestration.ports import ApplyProgress
from orchestration.record import RenderedFile, Snapshot, is_live
from orchestration.standing import FINAL, standing

OWN = ("status", "actions")
SHARED = ("plan", "files", "decisions", "cost", "audit")
"""The parts of the page: those that are for one visitor, and those that are for all alike."""
_ORDER = {Action.DELETE: 0, Action.REPLACE: 1, Action.UPDATE: 2, Action.CREATE: 3}


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with its plan; what it destroys comes first."""

    step: Step
    record: PlanRecord | None
    resources: tuple[ResourceChange, ...]
    gates: tuple[tuple[Gate, GateState], ...]
    files: tuple[RenderedFile, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        found = summary(self.record.change) if self.record else None
        return {"add": found.add, "change": found.change, "destroy": found.destroy} if found else {}


@dataclass(frozen=True, slots=True)
class Shown:
    """What everybody sees of a deployment at one version."""

    snapshot: Snapshot
    steps: tuple[PlannedStep, ...]
    people: Mapping[PrincipalId, str]

    @property
    def deployment(self) -> Deployment:
        return self.snapshot.deployment

    @property
    def state(self) -> str:
        return standing(self.deployment)

    @property
    def ended(self) -> bool:
        return self.state in FINAL

    @property
    def cost(self) -> CostEstimate:
        return total(each.record.change.cost for each in self.steps if each.record)

    @property
    def broken(self) -> Broken | None:
        verdict = self.snapshot.verdict
        return verdict if isinstance(verdict, Broken) else None

    @property
    def destroys(self) -> tuple[str, ...]:
        ending = (r for each in self.steps for r in each.resources if _ORDER[r.action] < 2)
        return tuple(thing(resource.address) for resource in ending)

    def name(self, id: str) -> str:
        return self.people.get(PrincipalId(id), id)

    def counts_still(self, said: StepDecision) -> bool:
        """Whether the decision is about the plan as it is now."""
        record = self.deployment.plan(self.deployment.step(said.step))
        valid = said.decision in self.deployment.decisions_on(said.step)
        return valid and record is not None and said.decision.digest == record.binding


@dataclass(frozen=True, slots=True)
class View(Shown):
    """What one visitor sees of it now."""

    card: Card
    progress: Mapping[str, ApplyProgress]
    visitor: Visitor
    nonce: str

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Those that are meant for who is looking."""
        person = self.visitor.person
        if person is None:
            return ()
        return tuple(b for b in self.card.buttons if b.audience is None or person.id in b.audience)


def planned_steps(
    deployment: Deployment,
    people: Sequence[Principal],
    files: Mapping[str, tuple[RenderedFile, ...]],
) -> Iterator[PlannedStep]:
    for step in deployment.steps:
        record = deployment.plan(step)
        resources = record.change.resources if record else ()
        yield PlannedStep(
            step,
            record,
            tuple(sorted(resources, key=lambda r: (_ORDER[r.action], r.address))),
            tuple(_gates(deployment, step, record, tuple(people))) if record else (),
            files.get(step.id, ()),
        )


def _gates(
    deployment: Deployment, step: Step, record: PlanRecord, people: tuple[Principal, ...]
) -> Iterator[tuple[Gate, GateState]]:
    for moment in Moment:
        found = states(quorum(deployment, step, record, people, moment))
        yield from ((gate, found[gate.id]) for gate in record.gates if gate.moment is moment)


def gate_words(view: Shown, gate: Gate, state: GateState) -> str:
    """How a need for sign-off stands."""
    if isinstance(state, Met):
        return f"signed by {' and '.join(view.name(who) for who in state.by)}"
    return f"waits for {gate.asks_for}"


def run_title(deployment: Deployment, run: Run) -> str:
    """`apply of ml-lake, plan 2`."""
    step = deployment.step(run.id.step)
    return f"{run.id.what} of {step.name}, plan {run.id.plan}"


def run_state(deployment: Deployment, run: Run) -> str:
    if run.ended is not None:
        return "ended"
    return "running" if is_live(deployment, run) else "cut off"


def words_for() -> dict[str, Any]:
    """What the templates of the parts call."""
    return {"gate_words": gate_words, "thing": thing}
