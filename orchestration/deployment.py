"""A deployment, its steps, and the states a step can be in.

A deployment is a request that was submitted. Each step is one capability in one workspace; its
state carries only what is true in it. `transitions.py` is the only place that makes new states.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType, TypeAlias

from approvals.change import Change, Digest, Operation
from approvals.gates import Decision, Gate, Moment
from approvals.principals import PrincipalId
from capabilities.values import Environment, Json, Values
from orchestration.errors import UserError
from orchestration.messages import EventId, ThreadId
from orchestration.ports import DeploymentId, Import, StateVersion, StepId, WorkspaceId

JobId = NewType("JobId", str)


class Kind(StrEnum):
    """Why a deployment exists; the last two are planned and approved like the first."""

    PROVISION = "provision"
    ROLL_BACK = "roll_back"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class StepInput:
    """A Terraform variable of this step that takes an output of another one."""

    variable: str
    step: StepId
    output: str
    stand_in: Json
    """What stands for the value until the other step has run."""

    @property
    def name(self) -> str:
        return f"{self.step}.{self.output}"


@dataclass(frozen=True, slots=True)
class Seal:
    """What the machine checks before it applies a saved plan."""

    plan_sha256: str
    state: StateVersion
    lock_sha256: str
    inputs_known: bool


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """One saved plan of a step. `number` counts the step's plans from 1; a plan is applied once.

    `carried` is the digest whose approvals hold for this plan too, because its change is equal
    to or within the approved one; `replaces` is the plan an approver saw before.
    """

    number: int
    change: Change
    digest: Digest
    seal: Seal
    gates: tuple[Gate, ...]
    at: datetime
    imports: tuple[Import, ...] = ()
    carried: Digest | None = None
    replaces: int | None = None

    @property
    def binding(self) -> Digest:
        """The digest that decisions must name to count for this plan."""
        return self.carried or self.digest


@dataclass(frozen=True, slots=True)
class Unplanned:
    """Plan `number` has to be made; `why` is "" for the first one."""

    number: int
    why: str = ""
    interrupted: bool = False
    """Whether an apply was cut off, so that what exists must be looked up first."""
    kind: Literal["unplanned"] = "unplanned"


@dataclass(frozen=True, slots=True)
class Awaiting:
    plan: int
    kind: Literal["awaiting"] = "awaiting"


@dataclass(frozen=True, slots=True)
class Approved:
    """All gates on the plan are met; it runs when what it needs is done and the queue is free."""

    plan: int
    confirmed: bool = False
    """Whether the gates of the moment of execution are met as well."""
    place: int = 0
    """Place in the workspace's queue, 0 when it is not queued."""
    behind: str = ""
    kind: Literal["approved"] = "approved"


@dataclass(frozen=True, slots=True)
class Confirming:
    """It is this step's turn, and the gates of the moment of execution are open."""

    plan: int
    kind: Literal["confirming"] = "confirming"


@dataclass(frozen=True, slots=True)
class Applying:
    """`owner` is the attempt that runs it; another attempt that finds this must not run it."""

    plan: int
    owner: str
    since: datetime
    kind: Literal["applying"] = "applying"


@dataclass(frozen=True, slots=True)
class Succeeded:
    plan: int
    at: datetime
    seconds: float
    outputs: Mapping[str, Json]
    """Without sensitive ones."""
    kind: Literal["succeeded"] = "succeeded"


@dataclass(frozen=True, slots=True)
class Failed:
    """`plan` is 0 when planning itself failed."""

    plan: int
    at: datetime
    operation: str
    summary: str
    address: str = ""
    kind: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True)
class Rejected:
    plan: int
    by: PrincipalId
    reason: str
    at: datetime
    kind: Literal["rejected"] = "rejected"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """`started` says whether an apply was cut off, so that part of it may exist."""

    plan: int
    by: PrincipalId
    at: datetime
    started: bool = False
    kind: Literal["cancelled"] = "cancelled"


StepState: TypeAlias = (
    Unplanned
    | Awaiting
    | Approved
    | Confirming
    | Applying
    | Succeeded
    | Failed
    | Rejected
    | Cancelled
)


@dataclass(frozen=True, slots=True)
class Step:
    """`target` names the stored files to go back to, for a roll back; "" renders them anew."""

    id: StepId
    name: str
    capability: str
    workspace: WorkspaceId
    environment: Environment
    operation: Operation
    values: Values
    needs: tuple[StepId, ...] = ()
    inputs: tuple[StepInput, ...] = ()
    target: str = ""
    decided_from: int = 0
    """How many of the deployment's decisions had been made when those before ceased to count."""
    confirmed_from: int = 0
    """The same for confirmations: those of an earlier turn do not count."""
    state: StepState = field(default_factory=lambda: Unplanned(1))
    started: bool = False
    """Whether an apply ever began, however it ended and whatever came after it."""

    @property
    def left_something(self) -> bool:
        """Whether something may be there that undoing the step takes away."""
        if isinstance(self.state, Succeeded):
            return self.operation is Operation.APPLY
        return self.started


@dataclass(frozen=True, slots=True)
class StepDecision:
    step: StepId
    decision: Decision


@dataclass(frozen=True, slots=True)
class Deployment:
    """Everything about one deployment at one moment."""

    id: DeploymentId
    kind: Kind
    title: str
    thread: ThreadId
    requester: PrincipalId
    at: datetime
    steps: tuple[Step, ...]
    plans: Mapping[str, PlanRecord] = field(default_factory=dict)
    """By `plan_key`."""
    decisions: tuple[StepDecision, ...] = ()
    cancelled_by: PrincipalId | None = None
    source: DeploymentId | None = None
    """The deployment that this one rolls back or destroys."""
    log: tuple[tuple[str, datetime], ...] = ()
    """The overall states it has been in, the present one last."""
    refused: tuple[EventId, ...] = ()
    """The last clicks that counted for nothing."""

    def step(self, step_id: str) -> Step:
        for step in self.steps:
            if step.id == step_id:
                return step
        raise UserError(f"deployment {self.id} has no step {step_id!r}")

    def plan(self, step: Step) -> PlanRecord | None:
        """The plan the step's state stands on, or the last one made."""
        number = plan_number(step.state)
        return self.plans.get(plan_key(step.id, number)) if number else None

    def plans_of(self, step_id: str) -> tuple[PlanRecord, ...]:
        """All that were made of a step, the first one first."""
        found = (r for key, r in self.plans.items() if key == plan_key(step_id, r.number))
        return tuple(sorted(found, key=lambda record: record.number))

    @property
    def may_leave_something(self) -> bool:
        """Whether something may stay behind that its plans do not destroy."""
        records = map(self.plan, self.steps)
        return any(record is not None and record.change.may_leave_something for record in records)

    def asks_again(self, step: Step) -> bool:
        """Whether the step's plan has gates that are asked at the moment of execution."""
        record = self.plan(step)
        return record is not None and any(g.moment is Moment.EXECUTION for g in record.gates)

    def decisions_on(self, step_id: str) -> tuple[Decision, ...]:
        """The decisions that still count, in the order in which they were recorded."""
        step = self.step(step_id)
        begin = {Moment.PLAN: 0, Moment.EXECUTION: step.confirmed_from}
        return tuple(
            said.decision
            for number, said in enumerate(self.decisions)
            if said.step == step_id
            and number >= max(step.decided_from, begin[said.decision.moment])
        )

    def with_step(self, step: Step) -> "Deployment":
        changed = tuple(step if other.id == step.id else other for other in self.steps)
        return replace(self, steps=changed)


def plan_key(step_id: str, number: int) -> str:
    return f"{step_id}-{number:03d}"


def plan_number(state: StepState) -> int:
    """The number of the plan that a state stands on; 0 for none."""
    match state:
        case Unplanned(number=number):
            return number - 1
        case _:
            return state.plan
