"""A conversation with the planner, for tests: keeps draft and history as a host does."""

from datetime import UTC, datetime
from typing import Any

from approvals.principals import Principal, PrincipalId, Role
from capabilities.cost import CostEstimate, CostLine
from capabilities.registry import catalogue
from capabilities.values import Json
from orchestration.draft import Draft, resolved_steps
from orchestration.planner.desk import Answer, PastDeployment, Planner, Turn
from orchestration.planner.history import Exchange
from orchestration.ports import DeploymentId

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANA = Principal(PrincipalId("ana"), "ana", frozenset({Role.ENGINEER}))
VIC = Principal(PrincipalId("vic"), "vic", frozenset({Role.VIEWER}))
WORKER_USD = 100.0


class FakeDesk:
    """Prices a step by its workers; texts are fixed."""

    def __init__(self, *past: PastDeployment) -> None:
        self._past = past
        self.broken = False
        self.priced = True

    async def estimate(self, draft: Draft) -> dict[str, CostEstimate]:
        if self.broken:
            raise RuntimeError("prices: connection to 10.0.0.7 refused, key=s3cret")
        return {
            step.id: CostEstimate((_line(step.resolved.parameters, self.priced),))
            for step in resolved_steps(draft, catalogue())
            if step.resolved.parameters is not None
        }

    async def status(self) -> str:
        return "Nothing has been submitted in this thread."

    async def approvals(self) -> str:
        return "Waiting for omar (platform)."

    async def destroys(self) -> str:
        return "Nothing would be destroyed."

    async def past(self) -> tuple[PastDeployment, ...]:
        return self._past

    async def occupied(self) -> frozenset[str]:
        return frozenset(
            f"{step.resolved.values['environment'].value}/{step.capability}/{step.name}"
            for past in self._past
            for step in resolved_steps(past.draft, catalogue())
        )


def _line(parameters: Any, priced: bool) -> CostLine:
    workers = getattr(parameters, "max_workers", 1)
    return CostLine("nodes", workers * WORKER_USD if priced else None, "always on", "test", None)


class Chat:
    """Speaks as one person at a time; `answer` is the last one."""

    def __init__(self, planner: Planner, desk: FakeDesk | None = None) -> None:
        self.planner, self.desk = planner, desk or FakeDesk()
        self.draft = Draft()
        self.earlier: tuple[Draft, ...] = ()
        self.history: tuple[Exchange, ...] = ()
        self.has_deployment = False
        self.submitted = False
        self.by = ANA

    async def says(self, text: str) -> Answer:
        turn = Turn(
            text,
            self.by,
            NOW,
            self.draft,
            self.earlier,
            has_deployment=self.has_deployment,
            submitted=self.submitted,
            history=self.history,
        )
        answer = await self.planner.answer(turn, self.desk)
        if answer.undone:
            self.earlier = self.earlier[: -answer.undone]
        elif answer.draft != self.draft:
            self.earlier = (*self.earlier, self.draft)
        self.draft = answer.draft
        self.history = (*self.history, answer.exchange)
        return answer

    def value(self, parameter: str, step: str | None = None) -> Json:
        """The value that counts, said or derived."""
        for resolved in resolved_steps(self.draft, catalogue()):
            if step in (None, resolved.id) and parameter in resolved.resolved.values:
                return resolved.resolved.values[parameter].value
        said = self.draft.shared.get(parameter)
        return said.value if said else None

    def steps(self) -> list[str]:
        return [step.id for step in self.draft.steps]


def past(draft: Draft, title: str = "ML production workspace") -> PastDeployment:
    return PastDeployment(DeploymentId("d-7"), title, "ana", NOW, "succeeded", draft)
