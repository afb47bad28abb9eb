"""What a thread holds, as JSON for scripts and as cards for surfaces."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast, get_args

from pydantic import TypeAdapter

from approvals.audit import Broken, to_json
from approvals.gates import Gate
from approvals.principals import PrincipalId, Role
from approvals.summary import summary
from capabilities.capability import Catalogue
from capabilities.cost import CostEstimate, total
from capabilities.values import Values
from orchestration import records
from orchestration.cards.deployment import deployment_card
from orchestration.cards.draft import closed_draft_card, draft_card
from orchestration.cards.facing import Facing
from orchestration.cards.model import Card
from orchestration.cards.overviews import SHOWN, help_card, history_card
from orchestration.deployment import Applying, Deployment, PlanRecord, Step
from orchestration.deployments import Deployments
from orchestration.desk import estimates
from orchestration.draft import missing, resolved_steps
from orchestration.errors import PermanentError, UserError
from orchestration.heads import Heads
from orchestration.index import Summarise
from orchestration.jobs.progress import progress_of
from orchestration.listing import Summary, waiting_for
from orchestration.messages import ThreadId
from orchestration.outbox import CardKind, CardRef
from orchestration.ports import ApplyProgress, DeploymentId, Directory, NotFound, PriceSource, Store
from orchestration.sessions import Session
from orchestration.standing import standing
from orchestration.summaries import summarised

_COST = TypeAdapter(CostEstimate)
_STEP = TypeAdapter(Step)


class View:
    """Reads; changes nothing."""

    def __init__(
        self,
        heads: Heads,
        deployments: Deployments,
        catalogue: Catalogue,
        prices: PriceSource,
        directory: Directory,
    ) -> None:
        self._heads = heads
        self._deployments = deployments
        self._catalogue = catalogue
        self._prices = prices
        self._directory = directory

    async def card(self, ref: CardRef, version: int | None = None) -> Card:
        """A card as it is now; as it was at that version or later will do.

        Raises: PermanentError - there is nothing behind it any more.
        """
        try:
            match ref.kind:
                case "deployment":
                    return await self._deployment_card(DeploymentId(ref.key), version)
                case "draft":
                    return await self._draft_card(ref.key, version)
                case "history":
                    return await self._history_card(f"history:{ref.key}")
                case "help":
                    return help_card(f"help:{ref.key}", self._catalogue)
        except NotFound as error:
            raise PermanentError(f"drawing the card {ref.id!r}") from error

    async def card_called(self, id: str) -> Card:
        """Raises: UserError - there is no such card any more."""
        kind, _, key = id.partition(":")
        if kind not in get_args(CardKind) or not key:
            raise UserError(f"there is no card {id!r}")
        try:
            return await self.card(CardRef(cast(CardKind, kind), key))
        except (PermanentError, ValueError) as error:
            raise UserError(f"there is nothing behind the card {id!r} any more") from error

    async def summaries(self, limit: int) -> tuple[Summary, ...]:
        """Of the newest deployments and those that have not ended, the newest first."""
        return await self._deployments.index.summaries(limit, await self._summarising())

    async def waiting_for(self, person: PrincipalId) -> tuple[Summary, ...]:
        """What the person could decide: of what the lists say, what is so at this moment."""
        summarise = await self._summarising()
        listed = waiting_for(await self._deployments.index.open(summarise), person)
        found = await asyncio.gather(*(summarise(DeploymentId(one.id)) for one in listed))
        return waiting_for(found, person)

    async def thread_of(self, id: DeploymentId) -> ThreadId | None:
        try:
            return (await self._deployments.get(id, version=0)).thread
        except NotFound:
            return None

    async def _summarising(self) -> Summarise:
        people = await self._directory.with_roles(frozenset(Role))

        async def summarise(id: DeploymentId) -> Summary:
            facing = Facing(people, {}, self._catalogue)
            return summarised(await self._deployments.get(id), facing)

        return summarise

    async def state(self, thread: ThreadId) -> tuple[str, ...]:
        """The states that the thread's newest deployment has been in, the present one last."""
        session = await self._heads.session(thread)
        if session.deployment is None:
            return ()
        deployment = await self._deployments.get(session.deployment)
        return tuple(state for state, _ in deployment.log)

    async def show(self, thread: ThreadId, what: str) -> Mapping[str, Any]:
        """Raises: UserError - there is none, or no such thing to show."""
        session = await self._heads.session(thread)
        if what == "draft":
            return await self._draft(session)
        if session.deployment is None:
            raise UserError(f"there is no deployment in the thread {thread!r} yet")
        match what:
            case "deployment":
                return deployment_json(await self._deployments.get(session.deployment))
            case "audit":
                return await trail(self._deployments.store, session.deployment)
            case _:
                raise UserError(f"{what!r} cannot be shown; draft, deployment or audit can")

    async def _draft(self, session: Session) -> Mapping[str, Any]:
        steps = resolved_steps(session.draft, self._catalogue)
        cost = total((await estimates(session.draft, self._catalogue, self._prices)).values())
        asked = missing(steps)
        return {
            "steps": [
                {
                    "id": step.id,
                    "capability": step.capability,
                    "name": step.name,
                    "parameters": values_json(step.resolved.values),
                    "problems": [f"{p.parameter} {p.message}" for p in step.resolved.problems],
                }
                for step in steps
            ],
            "shared": values_json(session.draft.shared),
            "missing": list(asked),
            "cost": cost_json(cost),
        }

    async def _deployment_card(self, id: DeploymentId, version: int | None) -> Card:
        deployment = await self._deployments.get(id, version=version)
        people = await self._directory.with_roles(frozenset(Role))
        running = [step for step in deployment.steps if isinstance(step.state, Applying)]
        progress: dict[str, ApplyProgress] = {
            step.id: found
            for step in running
            if (found := await progress_of(self._deployments.store, id, step.id))
        }
        return deployment_card(deployment, Facing(people, progress, self._catalogue))

    async def _history_card(self, id: str) -> Card:
        people = await self._directory.with_roles(frozenset(Role))
        names = {person.id: person.name for person in people}
        return history_card(id, await self.summaries(SHOWN), names)

    async def _draft_card(self, key: str, version: int | None) -> Card:
        thread, _, request = key.rpartition(":")
        session = await self._heads.session(ThreadId(thread), said=version)
        if session.request != int(request):
            return closed_draft_card(f"draft:{key}")
        costs = await estimates(session.draft, self._catalogue, self._prices)
        return draft_card(
            f"draft:{key}",
            session.draft,
            self._catalogue,
            costs,
            changes=session.changes,
            can_undo=bool(session.earlier),
            submitted=session.is_submitted,
            unusable=session.unusable,
        )


async def trail(store: Store, id: DeploymentId) -> Mapping[str, Any]:
    """What happened to a deployment, and whether the chain is whole. Raises: NotFound."""
    entries, verdict = await records.audit(store, id)
    events = [{**to_json(entry.event), "hash": entry.hash} for entry in entries]
    broken = f"entry {verdict.at_index}: {verdict.why}" if isinstance(verdict, Broken) else ""
    return {"deployment": id, "events": events, "intact": not broken, "broken": broken}


def values_json(values: Values) -> Mapping[str, Any]:
    return {
        key: {"value": value.value, "provenance": value.origin, "reason": value.reason}
        for key, value in values.items()
    }


def cost_json(cost: CostEstimate) -> Mapping[str, Any]:
    lines = _COST.dump_python(cost, mode="json")["lines"]
    return {"monthly_usd": cost.monthly_usd, "lines": lines, "left_out": list(cost.left_out)}


def deployment_json(deployment: Deployment) -> Mapping[str, Any]:
    """The facts of a deployment: states, plans, gates, decisions, costs."""
    return {
        "id": deployment.id,
        "purpose": deployment.kind.value,
        "title": deployment.title,
        "state": standing(deployment),
        "requester": deployment.requester,
        "source": deployment.source,
        "log": [{"state": state, "at": at.isoformat()} for state, at in deployment.log],
        "steps": [_step_json(deployment, step) for step in deployment.steps],
        "decisions": [
            {
                "step": d.step,
                "by": d.decision.by,
                "verdict": d.decision.verdict.value,
                "moment": d.decision.moment.value,
                "digest": d.decision.digest,
                "reason": d.decision.reason,
                "at": d.decision.at.isoformat(),
            }
            for d in deployment.decisions
        ],
    }


def _step_json(deployment: Deployment, step: Step) -> Mapping[str, Any]:
    record = deployment.plan(step)
    return {
        "id": step.id,
        "name": step.name,
        "capability": step.capability,
        "workspace": step.workspace,
        "operation": step.operation.value,
        "state": _STEP.dump_python(step, mode="json")["state"],
        "parameters": values_json(step.values),
        "plan": _plan_json(record) if record else None,
    }


def _plan_json(record: PlanRecord) -> Mapping[str, Any]:
    change, counts = record.change, summary(record.change)
    return {
        "number": record.number,
        "digest": record.digest,
        "carried": record.carried,
        "add": counts.add,
        "change": counts.change,
        "destroy": counts.destroy,
        "resources": [{"address": r.address, "action": r.action.value} for r in change.resources],
        "cost": cost_json(change.cost),
        "risks": [risk.text for risk in change.risks],
        "findings": [
            {"rule": f.rule, "level": f.level.value, "message": f.message} for f in change.findings
        ],
        "gates": [_gate_json(gate) for gate in record.gates],
    }


def _gate_json(gate: Gate) -> Mapping[str, Any]:
    return {
        "id": gate.id,
        "reason": gate.reason,
        "roles": sorted(role.value for role in gate.roles),
        "people": sorted(gate.people),
        "count": gate.count,
        "moment": gate.moment.value,
    }
