"""Who could decide something on a deployment now."""

from approvals.principals import PrincipalId
from orchestration.cards.signoffs import could_decide, gate_states
from orchestration.deployment import Awaiting, Confirming, Deployment
from orchestration.transitions import People


def deciders(deployment: Deployment, people: People) -> frozenset[PrincipalId]:
    asked = (s for s in deployment.steps if isinstance(s.state, Awaiting | Confirming))
    planned = ((step, deployment.plan(step)) for step in asked)
    found = (
        could_decide(gate_states(deployment, step, record, people))
        for step, record in planned
        if record
    )
    return frozenset(person.id for able in found for person in able)
