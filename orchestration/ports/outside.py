"""Facts from outside: the time, prices, policies, people; and the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from approvals.findings import Finding
from approvals.principals import Principal, PrincipalId, Role
from capabilities.cost import Meter, Price
from capabilities.values import Environment, Json
from orchestration.identity import Identity
from orchestration.ports.ids import Body, DeploymentId, WorkspaceId


class Clock(Protocol):
    def now(self) -> datetime:
        """The present, in UTC."""
        ...


class PriceSource(Protocol):
    async def prices(self, meters: Sequence[Meter]) -> Mapping[Meter, Price]:
        """Prices for those meters that have one; never a guess, never raises for a missing one."""
        ...


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What policy rules look at; the input document of the Rego rules."""

    workspace: WorkspaceId
    environment: Environment
    capability: str
    parameters: Mapping[str, Json]
    allowed_regions: tuple[str, ...]
    plan: Body


class PlanPolicy(Protocol):
    async def check(self, facts: PlanFacts) -> tuple[Finding, ...]:
        """Findings in a stable order. Raises: PermanentError - a rule itself is broken."""
        ...


class Directory(Protocol):
    """Who exists."""

    async def get(self, id: PrincipalId) -> Principal | None: ...

    async def identified(self, identity: Identity) -> Principal | None:
        """The one person behind what a surface has proved of somebody; None for a stranger.

        Raises: TemporaryError - who that is cannot be looked up now.
        """
        ...

    async def identities(self, id: PrincipalId) -> tuple[Identity, ...]:
        """What surfaces may know the person by, so that they can be told there."""
        ...

    async def named(self, name: str) -> Principal | None: ...

    async def with_roles(self, roles: frozenset[Role]) -> tuple[Principal, ...]:
        """Everybody who has at least one of the roles, by name."""
        ...


class Engine(Protocol):
    """Durable execution. It holds no truth: on every nudge it reads the store."""

    async def nudge(self, deployment: DeploymentId) -> None:
        """See to it that the deployment's workflow runs and looks at the store again soon.

        Raises: TemporaryError - the engine cannot be reached; a reconciler nudges later.
        """
        ...
