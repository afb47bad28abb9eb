"""A deployment of a Databricks workspace and a storage account, at any point of its way.

What every function takes and gives is a deployment, changed by the real transitions.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from approvals.change import Action, AttributeChange, Change, Operation, ResourceChange
from approvals.digest import digest
from approvals.findings import Finding, Level
from approvals.gates import Decision, DecisionId, Gate, GateId, Moment, Verdict
from approvals.principals import Principal, PrincipalId, Role
from capabilities.capability import Risk, RiskKind
from capabilities.cost import CostEstimate, CostLine
from capabilities.registry import catalogue
from capabilities.values import Json
from orchestration import transitions
from orchestration.deployment import (
    Deployment,
    Failed,
    Kind,
    PlanRecord,
    Seal,
    Step,
    StepDecision,
    Unplanned,
)
from orchestration.draft import Draft, DraftStep
from orchestration.messages import ThreadId
from orchestration.ports import DeploymentId, StateVersion
from orchestration.submission import steps_of, title_of
from tests.requests import said

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
OWNER = "worker-1"


def _person(name: str, *roles: Role) -> Principal:
    return Principal(PrincipalId(name), name, frozenset(roles))


ANA = _person("ana", Role.ENGINEER)
MIA = _person("mia", Role.FINANCE)
OMAR = _person("omar", Role.PLATFORM)
OLGA = _person("olga", Role.PLATFORM)
PEOPLE = (ANA, MIA, OMAR, OLGA)

PRODUCTION = Gate(
    GateId("production"),
    "production needs a platform approver other than the requester",
    frozenset({Role.PLATFORM}),
)
FINANCE = Gate(GateId("finance"), "above $1,000 a month needs finance", frozenset({Role.FINANCE}))
DESTROY = Gate(
    GateId("destroy"),
    "platform confirms once more, right before this is destroyed",
    frozenset({Role.PLATFORM}),
    moment=Moment.EXECUTION,
)


def submitted(kind: Kind = Kind.PROVISION) -> Deployment:
    """Just asked for, nothing is planned yet."""
    shared = said(team="ml", environment="production", region="eastus")
    wanted = (DraftStep("databricks", "databricks"), DraftStep("storage", "storage"))
    steps = steps_of(Draft(wanted, shared), catalogue(), "acme")
    title = title_of(steps, catalogue())
    if kind is Kind.DESTROY:
        steps = tuple(replace(step, operation=Operation.DESTROY) for step in steps[1:])
        title = f"Destroy {title}"
    thread, started = ThreadId("infra"), ("planning", NOON)
    id = DeploymentId("d-7f3a")
    return Deployment(id, kind, title, thread, ANA.id, NOON, steps, log=(started,))


def planned(deployment: Deployment, *, workers: int = 8) -> Deployment:
    """Every step that waits for a plan has one."""
    for step in deployment.steps:
        if isinstance(step.state, Unplanned):
            record = _record(deployment, step, workers)
            deployment = transitions.planned(deployment, step, record, PEOPLE)
    return deployment


def changed(deployment: Deployment, *, workers: int) -> Deployment:
    """The requester asked for other sizes, and it was planned again."""
    step = deployment.steps[0]
    again = replace(step, state=Unplanned(2, "the request changed"))
    return planned(deployment.with_step(again), workers=workers)


def approved(deployment: Deployment, *people: Principal) -> Deployment:
    """Each of them approved every step, or confirmed it when it is its turn."""
    for by in people:
        for step in deployment.steps:
            deployment = _decided(deployment, step, by, Moment.PLAN)
    return deployment


def confirming(deployment: Deployment) -> Deployment:
    for step in deployment.steps:
        deployment = transitions.confirming(deployment, step)
    return deployment


def queued(deployment: Deployment) -> Deployment:
    step = deployment.steps[0]
    behind = f"{step.name} of d-1234, asked by olga"
    return transitions.queued(deployment, step, place=2, behind=behind)


def applying(deployment: Deployment) -> Deployment:
    for step in deployment.steps:
        deployment = transitions.applying(
            deployment, step, plan=1, owner=OWNER, at=NOON, people=PEOPLE
        )
    return _logged(deployment, "applying", 0)


def succeeded(deployment: Deployment, *steps: int) -> Deployment:
    outputs: dict[str, dict[str, Json]] = {
        "databricks": {
            "workspace_id": "/subscriptions/0/dbw-ml-prod",
            "workspace_url": "adb-1.azuredatabricks.net",
            "cluster_id": "0102-abc",
            "resource_group": "rg-ml-prod",
        },
        "storage": {
            "account_id": "/subscriptions/0/stmlprod",
            "account_name": "stmlprod",
            "blob_endpoint": "https://stmlprod.blob.core.windows.net/",
        },
    }
    for number in steps:
        step, at = deployment.steps[number], NOON + timedelta(minutes=6)
        deployment = transitions.succeeded(
            deployment, step, owner=OWNER, at=at, outputs=outputs[step.capability]
        )
    return _logged(deployment, "succeeded", 6)


def failed(deployment: Deployment, step: int) -> Deployment:
    failure = Failed(
        1,
        NOON + timedelta(minutes=2),
        "apply",
        "Quota exceeded: 250 storage accounts in eastus",
        "azurerm_storage_account.this",
    )
    return transitions.failed(deployment, deployment.steps[step], failure, owner=OWNER)


def _logged(deployment: Deployment, state: str, minutes: float) -> Deployment:
    return replace(deployment, log=(*deployment.log, (state, NOON + timedelta(minutes=minutes))))


def _decided(deployment: Deployment, step: Step, by: Principal, moment: Moment) -> Deployment:
    record = deployment.plan(step)
    assert record is not None
    id = DecisionId(f"click-{len(deployment.decisions)}/{step.id}")
    said = Decision(id, by.id, Verdict.APPROVE, record.binding, moment, NOON)
    return transitions.decided(deployment, StepDecision(step.id, said), PEOPLE)


def _record(deployment: Deployment, step: Step, workers: int) -> PlanRecord:
    number = step.state.number if isinstance(step.state, Unplanned) else 0
    change = _change(step, workers)
    destroys = step.operation is Operation.DESTROY
    gates = (PRODUCTION, DESTROY) if destroys else (PRODUCTION, FINANCE)
    seal = Seal("0" * 64, StateVersion("none", 0), "1" * 64, inputs_known=True)
    replaces = number - 1 if number > 1 else None
    return PlanRecord(number, change, digest(change), seal, gates, NOON, replaces=replaces)


def _change(step: Step, workers: int) -> Change:
    parameters = {key: value.value for key, value in step.values.items()}
    compute = step.capability == "databricks"
    return Change(
        workspace=step.workspace,
        operation=step.operation,
        parameters=parameters | ({"max_workers": workers} if compute else {}),
        files={"main.tf": "2" * 64},
        resources=tuple(_resources(step, workers)),
        cost=_cost(workers) if compute else CostEstimate(()),
        risks=(Risk(RiskKind.STATEFUL, f"{step.name} holds data; destroying it loses them"),),
        findings=_findings(step),
    )


def _resources(step: Step, workers: int) -> Sequence[ResourceChange]:
    action = Action.DELETE if step.operation is Operation.DESTROY else Action.CREATE
    types = {
        "databricks": ("azurerm_resource_group", "databricks_cluster"),
        "storage": ("azurerm_resource_group", "azurerm_storage_account"),
    }
    size = (AttributeChange("autoscale.max_workers", None, workers),)
    return [
        ResourceChange(f"{t}.this", t, action, size if t == "databricks_cluster" else ())
        for t in types[step.capability]
    ]


def _cost(workers: int) -> CostEstimate:
    assumed = f"mean of 2 and {workers} workers, 730 hours a month"
    day = date(2026, 11, 1)
    machines = CostLine("Virtual machines", workers * 400.0, assumed, "Azure Retail Prices", day)
    return CostEstimate((machines,))


def _findings(step: Step) -> tuple[Finding, ...]:
    if step.operation is not Operation.DESTROY:
        return ()
    message = "azurerm_storage_account holds data that is lost when it is destroyed"
    return (Finding("stateful", Level.SOFT_MANDATORY, "azurerm_storage_account.this", message),)
