"""Deployments in every state, to test what may happen to them."""

from dataclasses import replace
from datetime import timedelta

from approvals.change import Digest, Operation
from approvals.gates import Decision, DecisionId, Gate, Moment, Verdict
from approvals.principals import Principal
from capabilities.values import Environment, Provenance, Value
from orchestration.deployment import (
    Applying,
    Approved,
    Awaiting,
    Cancelled,
    Confirming,
    Deployment,
    Failed,
    Kind,
    PlanRecord,
    Rejected,
    Seal,
    Step,
    StepDecision,
    StepState,
    Succeeded,
    Unplanned,
    plan_key,
)
from orchestration.messages import ThreadId
from orchestration.ports import DeploymentId, Import, StateVersion, StepId, WorkspaceId
from tests.unit.approving import ANA, CHANGE, NOON, OMAR, gate

LATER = NOON + timedelta(minutes=1)
PRODUCTION = gate("production", *OMAR.roles)
TURN = gate("turn", *OMAR.roles, moment=Moment.EXECUTION)

STATES: dict[str, StepState] = {
    "unplanned": Unplanned(2, "the plan had become too old"),
    "awaiting": Awaiting(1),
    "approved": Approved(1),
    "confirming": Confirming(1),
    "applying": Applying(1, "worker-1", NOON),
    "succeeded": Succeeded(1, NOON, 3.0, {}),
    "failed": Failed(1, NOON, "apply", "quota"),
    "rejected": Rejected(1, OMAR.id, "too big", NOON),
    "cancelled": Cancelled(1, ANA.id, NOON),
}
"""One of each kind; each stands on plan 1."""


def record(
    number: int = 1,
    *gates: Gate,
    carried: Digest | None = None,
    imports: tuple[Import, ...] = (),
) -> PlanRecord:
    return PlanRecord(
        number=number,
        change=CHANGE,
        digest=Digest(f"sha256:{number:064d}"),
        seal=Seal("p", StateVersion("", 0), "l", inputs_known=True),
        gates=gates or (PRODUCTION,),
        at=NOON,
        imports=imports,
        carried=carried,
    )


def step(id: str = "databricks", state: StepState | None = None, *, needs: str = "") -> Step:
    return Step(
        id=StepId(id),
        name=f"{id}-ml",
        capability=id,
        workspace=WorkspaceId(f"acme/production/{id}/ml"),
        environment=Environment.PRODUCTION,
        operation=Operation.APPLY,
        values={"max_workers": Value(8, Provenance.SAID, by="ana")},
        needs=tuple(StepId(need) for need in needs.split()),
        state=state or Unplanned(1),
    )


def deployment(*steps: Step, records: tuple[PlanRecord, ...] = ()) -> Deployment:
    """Every step has these plans; the first one's digest is what decisions name."""
    kept = steps or (step(),)
    plans = {plan_key(s.id, r.number): r for s in kept for r in records}
    return Deployment(
        id=DeploymentId("d-1"),
        kind=Kind.PROVISION,
        title="Databricks for ml",
        thread=ThreadId("infra"),
        requester=ANA.id,
        at=NOON,
        steps=kept,
        plans=plans,
    )


def in_state(name: str, *, needs: str = "") -> Deployment:
    """One step in that state; what is beyond its gates has Omar's approval."""
    gates = (PRODUCTION, TURN) if name == "confirming" else (PRODUCTION,)
    found = deployment(step(state=STATES[name], needs=needs), records=(record(1, *gates),))
    if name in {"unplanned", "awaiting", "rejected"}:
        return found
    return replace(found, decisions=(said(OMAR),))


def said(
    by: Principal,
    verdict: Verdict = Verdict.APPROVE,
    *,
    on: str = "databricks",
    digest: Digest | None = None,
    moment: Moment = Moment.PLAN,
    number: int = 0,
) -> StepDecision:
    id = DecisionId(f"e-{by.id}-{verdict}-{number}")
    return StepDecision(
        StepId(on), Decision(id, by.id, verdict, digest or record().digest, moment, NOON)
    )
