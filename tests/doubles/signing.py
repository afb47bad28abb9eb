"""Whoever is asked signs."""

from approvals.gates import Moment
from approvals.principals import Role
from orchestration.deployment import Awaiting
from orchestration.ports import DeploymentId
from tests.doubles.house import House


async def sign(home: House, id: DeploymentId) -> None:
    """One person for each gate of each plan that waits, and nobody else."""
    people = await home.people.with_roles(frozenset(Role))
    deployment = await home.get(id)
    for step in deployment.steps:
        record = deployment.plan(step)
        if record is None or not isinstance(step.state, Awaiting):
            continue
        for gate in record.gates:
            able = [p.id for p in people if gate.qualifies(p, deployment.requester)]
            if gate.moment is Moment.PLAN:
                await home.click(able[0], id, step=step.id)
