"""What of a plan has to be decided on: the difference, what is lost, risks and findings."""

from approvals.difference import difference
from approvals.findings import Finding, Level
from capabilities.capability import Risk, RiskKind
from orchestration.cards.changes import endings
from orchestration.cards.model import Block, Details, Text
from orchestration.deployment import Deployment, PlanRecord, Step, plan_key

_DIFFERENCES = 8
"""Sentences on the face of a card."""
_LEVELS = {
    Level.ADVISORY: "Policy advises:",
    Level.SOFT_MANDATORY: "Policy needs an override:",
    Level.HARD_MANDATORY: "Policy forbids this:",
}


def plan_blocks(deployment: Deployment, step: Step, record: PlanRecord) -> tuple[Block, ...]:
    """What has to be decided on: the difference, what is lost, risks and findings."""
    change = record.change
    ending = endings(change)
    return (
        *difference_blocks(deployment, step, record),
        *ending,
        *(Text(f"Risk: {r.text}", "warning") for r in change.risks if _matters(r, bool(ending))),
        *(Text(_finding(f), "warning") for f in change.findings),
    )


def difference_blocks(deployment: Deployment, step: Step, record: PlanRecord) -> tuple[Block, ...]:
    """What differs from the plan that was signed off before; all of it, the rest on demand."""
    if record.replaces is None or record.carried:
        return ()
    old = deployment.plans.get(plan_key(step.id, record.replaces))
    if old is None or old.digest == record.digest:
        return ()
    lines = [Text(f"- {line}") for line in difference(old.change, record.change)]
    title = Text(f"Only this differs from plan {old.number}, decide on it again:", "warning")
    rest = lines[_DIFFERENCES:]
    more = (Details(f"{len(rest)} more differences", tuple(rest)),) if rest else ()
    return (title, *lines[:_DIFFERENCES], *more)


def _matters(risk: Risk, destroys: bool) -> bool:
    """That something holds data matters when it ends."""
    return destroys or risk.kind is not RiskKind.STATEFUL


def _finding(finding: Finding) -> str:
    return f"{_LEVELS[finding.level]} {finding.message}"
