"""The deployment card: what is wanted of the reader, what changes, who agreed, how it goes."""

from collections.abc import Mapping

from capabilities.cost import CostEstimate, total
from orchestration.cards.buttons import deployment_buttons
from orchestration.cards.facing import Facing
from orchestration.cards.leads import lead
from orchestration.cards.model import Block, Card, CardKind, Fact, Facts, Tone
from orchestration.cards.money import cost_details, cost_fact
from orchestration.cards.signoffs import shared_signoffs
from orchestration.cards.steps import details, step_blocks
from orchestration.deployment import Confirming, Deployment, Kind
from orchestration.standing import standing

_LOOKS: Mapping[str, tuple[CardKind, Tone]] = {
    "planning": ("plan", "plain"),
    "awaiting": ("plan", "warning"),
    "queued": ("queue", "plain"),
    "applying": ("progress", "plain"),
    "succeeded": ("result", "good"),
    "destroyed": ("result", "good"),
    "partly": ("failure", "bad"),
    "failed": ("failure", "bad"),
    "rejected": ("result", "bad"),
    "cancelled": ("result", "plain"),
}


def deployment_card(deployment: Deployment, facing: Facing) -> Card:
    steps = deployment.steps
    kind, tone = _looks(deployment)
    return Card(
        id=f"deployment:{deployment.id}",
        kind=kind,
        lead=lead(deployment, facing),
        title=deployment.title,
        blocks=(
            *_cost_facts(deployment),
            *(block for step in steps for block in step_blocks(deployment, step, facing)),
            *shared_signoffs(deployment, facing),
            Facts((Fact("Asked by", facing.name(deployment.requester), deployment.id),)),
            *details(deployment),
            *cost_details(_cost(deployment)),
        ),
        buttons=deployment_buttons(deployment, facing),
        page=deployment.id,
        tone=tone,
    )


def _looks(deployment: Deployment) -> tuple[CardKind, Tone]:
    state = standing(deployment)
    kind, tone = _LOOKS[state]
    if state == "destroyed" and deployment.may_leave_something:
        return kind, "warning"
    confirming = any(isinstance(step.state, Confirming) for step in deployment.steps)
    return ("step", tone) if confirming and kind == "plan" else (kind, tone)


def _cost_facts(deployment: Deployment) -> tuple[Block, ...]:
    cost = _cost(deployment)
    if not cost.lines or deployment.kind is Kind.DESTROY:
        return ()
    return (Facts((cost_fact(cost),)),)


def _cost(deployment: Deployment) -> CostEstimate:
    records = (deployment.plan(step) for step in deployment.steps)
    return total(record.change.cost for record in records if record)
