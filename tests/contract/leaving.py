"""What the tests of leaving workers do again and again."""

import asyncio

from orchestration.deployment import Applying, Awaiting, Deployment
from orchestration.ports import DeploymentId
from tests.doubles.house import House, draft
from tests.doubles.signing import sign
from tests.doubles.temporal import Cluster
from tests.doubles.terraform import FakeTerraform


class Slow(FakeTerraform):
    """Stops in the middle of an apply until it may go on."""

    def __init__(self, home: House) -> None:
        super().__init__(home.cloud)
        self.reached = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.during = self._wait

    async def _wait(self, *_: str) -> None:
        self.reached.set()
        await self.may_go_on.wait()


async def applying(temporal: Cluster, terraform: Slow) -> DeploymentId:
    """A deployment whose Terraform has got to the middle."""
    id = await temporal.home.submit(draft("storage"))
    await temporal.engine.nudge(id)
    await temporal.until(id, asked)
    await sign(temporal.home, id)
    await temporal.engine.nudge(id)
    await asyncio.wait_for(terraform.reached.wait(), 20)
    assert applies(await temporal.home.get(id))
    return id


def asked(deployment: Deployment) -> bool:
    return all(isinstance(step.state, Awaiting) for step in deployment.steps)


def applies(deployment: Deployment) -> bool:
    return any(isinstance(step.state, Applying) for step in deployment.steps)
