"""A deployment in one line."""

from itertools import pairwise

from capabilities.cost import total
from orchestration.cards.deciders import deciders
from orchestration.cards.deployment import deployment_card
from orchestration.cards.facing import Facing
from orchestration.deployment import Deployment, Succeeded
from orchestration.listing import Summary
from orchestration.standing import FINAL, standing


def summarised(deployment: Deployment, facing: Facing) -> Summary:
    state = standing(deployment)
    records = (deployment.plan(step) for step in deployment.steps)
    cost = total(record.change.cost for record in records if record)
    return Summary(
        id=deployment.id,
        title=deployment.title,
        purpose=deployment.kind.value,
        state=state,
        lead=deployment_card(deployment, facing).lead,
        requester=deployment.requester,
        thread=deployment.thread,
        asked_at=deployment.at,
        ended_at=deployment.log[-1][1] if state in FINAL else None,
        team=_shared(deployment, "team"),
        environment=deployment.steps[0].environment.value,
        capabilities=tuple(dict.fromkeys(step.capability for step in deployment.steps)),
        monthly_usd=cost.monthly_usd if cost.lines else None,
        waits_for=deciders(deployment, facing.people),
        awaited_s=_awaited_s(deployment),
        costs={
            step.workspace: record.change.cost.monthly_usd
            for step in deployment.steps
            if isinstance(step.state, Succeeded) and (record := deployment.plan(step))
        },
    )


def _awaited_s(deployment: Deployment) -> float | None:
    spans = [
        (after - at).total_seconds()
        for (state, at), (_, after) in pairwise(deployment.log)
        if state == "awaiting"
    ]
    return sum(spans) if spans else None


def _shared(deployment: Deployment, parameter: str) -> str:
    found = (step.values[parameter] for step in deployment.steps if parameter in step.values)
    return next((str(value.value) for value in found), "")
