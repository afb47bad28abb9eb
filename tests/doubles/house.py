"""Everything below the conversation over a real store, with a cloud in memory: requests go in,
people click, a worker works, dies, and another one goes on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from approvals.audit import Entry, Intact
from approvals.findings import Finding
from approvals.organisation import shipped
from approvals.principals import Principal, PrincipalId, Role
from bot.parts import directory
from bot.settings import Settings
from capabilities.registry import catalogue
from capabilities.values import Provenance, Value
from orchestration import records
from orchestration.adapters.folder import FolderArtifacts
from orchestration.adapters.key_file import made_if_missing
from orchestration.adapters.prices.snapshot import SnapshotPrices
from orchestration.adapters.sqlite import open_store
from orchestration.deciding import Ruling, decide
from orchestration.delivery import OwnVoice
from orchestration.deployment import Deployment
from orchestration.deployments import Deployments
from orchestration.draft import Draft, DraftStep
from orchestration.gating import shown as what_is_shown
from orchestration.jobs.workshop import Workshop
from orchestration.messages import Clicked, EventId, ThreadId
from orchestration.ports import DeploymentId, Directory, PlanFacts, Store, Terraform
from orchestration.provisioning import Provisioning
from orchestration.workspaces import Workspaces
from tests.clock import FakeClock
from tests.doubles.engine import DirectEngine, FakeEngine
from tests.doubles.terraform import FakeCloud, FakeInventory, FakeTerraform

THREAD = ThreadId("infra")
ORGANISATION = "acme"
_numbers = count(1)


@dataclass
class FakePolicy:
    """Satisfies `ports.PlanPolicy`: finds in a workspace what a test says."""

    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)

    async def check(self, facts: PlanFacts) -> tuple[Finding, ...]:
        return self.findings.get(facts.workspace, ())


@dataclass
class House:
    """Everything that outlives a worker."""

    store: Store
    artifacts: FolderArtifacts
    folder: Path
    clock: FakeClock
    people: Directory
    cloud: FakeCloud = field(default_factory=FakeCloud)
    policy: FakePolicy = field(default_factory=FakePolicy)
    engine: FakeEngine = field(default_factory=FakeEngine)

    def __post_init__(self) -> None:
        self._deployments = self._deployments_in(self.store)

    def deployments(self) -> Deployments:
        """Those of the process that people talk to."""
        return self._deployments

    def _deployments_in(self, store: Store) -> Deployments:
        return Deployments(
            store, self.clock, self.people, ORGANISATION, OwnVoice("house", self.clock)
        )

    def workspaces(self) -> Workspaces:
        return Workspaces(self.store, ORGANISATION)

    def worker(
        self, *, store: Store | None = None, terraform: Terraform | None = None
    ) -> DirectEngine:
        """A new worker; `store` may be one that dies."""
        kept = store or self.store
        shop = Workshop(
            deployments=self._deployments_in(kept),
            workspaces=Workspaces(kept, ORGANISATION),
            catalogue=catalogue(),
            policy=shipped(),
            terraform=terraform or FakeTerraform(self.cloud),
            inventory=FakeInventory(self.cloud),
            artifacts=self.artifacts,
            prices=SnapshotPrices.load(),
            plan_policy=self.policy,
            directory=self.people,
            engine=self.engine,
            clock=self.clock,
            organisation=ORGANISATION,
            subscription_id="aaaaaaaa-0000-0000-0000-000000000001",
            plan_max_age_s=3600.0,
        )
        return DirectEngine(shop)

    @property
    def provisioning(self) -> Provisioning:
        return Provisioning(
            self.deployments(), self.workspaces(), catalogue(), self.engine, self.clock
        )

    async def person(self, name: str) -> Principal:
        found = await self.people.get(PrincipalId(name))
        assert found is not None
        return found

    async def submit(
        self, draft: Draft, *, by: str = "ana", event: str = "", present: DeploymentId | None = None
    ) -> DeploymentId:
        name = EventId(event or f"submit-{next(_numbers)}")
        return await self.provisioning.submit(draft, THREAD, await self.person(by), name, present)

    async def click(
        self,
        by: str,
        id: DeploymentId,
        verb: str = "approve",
        *,
        step: str = "*",
        reason: str = "",
        event: str = "",
        shown: str | None = None,
    ) -> Ruling:
        """A click on the card as it is now, or as it was `shown`."""
        deployment = await self.get(id)
        person = await self.person(by)
        data = {
            "deployment": id,
            "step": step,
            "shown": shown or what_is_shown(deployment, deployment.steps),
        }
        click = Clicked(
            EventId(event or f"click-{next(_numbers)}"),
            THREAD,
            person.id,
            verb,
            self.clock.now(),
            data,
            {"reason": reason} if reason else {},
        )
        people = await self.people.with_roles(frozenset(Role))
        return await decide(self.deployments(), self.clock, click, person, people)

    async def get(self, id: DeploymentId) -> Deployment:
        return await self.deployments().get(id)

    async def audit(self, id: DeploymentId) -> list[Entry]:
        """The trail, whose chain is whole."""
        entries, verdict = await records.audit(self.store, id)
        assert isinstance(verdict, Intact), verdict
        return [*entries]

    async def actions(self, id: DeploymentId) -> list[str]:
        return [entry.event.action for entry in await self.audit(id)]


def said(**values: object) -> dict[str, Value]:
    return {key: Value(value, Provenance.SAID, by="ana") for key, value in values.items()}  # type: ignore[arg-type]


def draft(*steps: str, environment: str = "dev", **values: object) -> Draft:
    """Steps of these capabilities for team ml; `values` are said for storage."""
    shared = said(team="ml", environment=environment, region="eastus")
    return Draft(
        tuple(DraftStep(s, s, said(**values) if s == "storage" else {}) for s in steps), shared
    )


def house_over(store: Store, folder: Path, clock: FakeClock) -> House:
    key = made_if_missing(folder / "master.key")
    artifacts = FolderArtifacts(folder / "artifacts", key, clock)
    return House(store, artifacts, folder, clock, directory(Settings()))


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    clock = FakeClock()
    async with open_store(folder / "store.db", clock) as store:
        yield house_over(store, folder, clock)
