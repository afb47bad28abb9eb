"""How a deployment is kept: small documents in one partition, changed as one batch.

d:head              the deployment without its parts; every change replaces it (If-Match)
d:step:<id>         one step with its state
d:plan:<id>-<n>     one plan record; never changed
d:decision:<event>  one decision; never changed
audit:<n>           the chain of what happened
outbox:...          what has to be said because of it
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from approvals.audit import Event, link
from orchestration.deployment import Deployment, PlanRecord, Step, StepDecision
from orchestration.document_ids import document_id
from orchestration.ports import (
    Create,
    Delete,
    DeploymentId,
    Document,
    ETag,
    NotFound,
    Replace,
    Store,
    Write,
)
from orchestration.standing import standing

CONTAINER = "deployments"

_HEAD = TypeAdapter(Deployment)
_STEP = TypeAdapter(Step)
_PLAN = TypeAdapter(PlanRecord)
_DECISION = TypeAdapter(StepDecision)
_PARTS = {"steps", "plans", "decisions"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A deployment as it was read, with what a conditional write needs."""

    deployment: Deployment
    head: ETag
    steps: Mapping[str, ETag]
    chain_length: int
    chain_head: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one transition leaves behind, besides the new states."""

    events: Sequence[Event] = ()
    outgoing: Sequence[Write] = ()


async def load(store: Store, id: DeploymentId) -> Loaded:
    """Raises: NotFound - there is no such deployment."""
    page = await store.find(CONTAINER, id, prefix="d:", limit=1000)
    documents = {document.id: document for document in page.documents}
    head = documents.get("d:head")
    if head is None:
        raise NotFound(f"there is no deployment {id!r}")
    body = dict(head.body)
    order, length, chain = body.pop("order"), body.pop("chain_length"), body.pop("chain_head")
    steps = [documents[f"d:step:{step_id}"] for step_id in order]
    deployment = _HEAD.validate_python(
        {
            **body,
            "steps": [document.body for document in steps],
            "plans": _under(documents, "d:plan:"),
            "decisions": sorted(
                _under(documents, "d:decision:").values(), key=lambda d: d["decision"]["at"]
            ),
        }
    )
    etags = {step_id: document.etag for step_id, document in zip(order, steps, strict=True)}
    return Loaded(deployment, head.etag, etags, length, chain)


def _under(documents: Mapping[str, Document], prefix: str) -> dict[str, Any]:
    return {
        id.removeprefix(prefix): document.body
        for id, document in documents.items()
        if id.startswith(prefix)
    }


async def create(store: Store, deployment: Deployment, change: Change, *, operation: str) -> None:
    """Raises: Conflict - it exists already."""
    logged = _logged(deployment, deployment.at)
    audit, length, chain = _audit(change.events, 0, "")
    writes: list[Write] = [
        Create("d:head", _head(logged, length, chain)),
        *(Create(f"d:step:{s.id}", _STEP.dump_python(s, mode="json")) for s in logged.steps),
        *audit,
        *change.outgoing,
    ]
    await store.batch(CONTAINER, deployment.id, writes, operation=operation)


async def save(
    store: Store, before: Loaded, after: Deployment, change: Change, *, at: datetime, operation: str
) -> Deployment:
    """Write what differs between two snapshots, with audit and outbox, or nothing.

    Raises: Stale - somebody else changed the deployment; load it and decide again.
    """
    old, new = before.deployment, _logged(after, at)
    audit, length, chain = _audit(change.events, before.chain_length, before.chain_head)
    writes: list[Write] = [
        Replace("d:head", _head(new, length, chain), before.head),
        *_step_writes(before, old, new),
        *(
            Create(f"d:plan:{key}", _PLAN.dump_python(record, mode="json"))
            for key, record in new.plans.items()
            if key not in old.plans
        ),
        *(
            Create(
                f"d:decision:{document_id(d.decision.id)}", _DECISION.dump_python(d, mode="json")
            )
            for d in new.decisions[len(old.decisions) :]
        ),
        *audit,
        *change.outgoing,
    ]
    await store.batch(CONTAINER, new.id, writes, operation=operation)
    return new


def _step_writes(before: Loaded, old: Deployment, new: Deployment) -> list[Write]:
    present = {step.id: step for step in old.steps}
    writes: list[Write] = []
    for step in new.steps:
        body = _STEP.dump_python(step, mode="json")
        if step.id not in present:
            writes.append(Create(f"d:step:{step.id}", body))
        elif step != present[step.id]:
            writes.append(Replace(f"d:step:{step.id}", body, before.steps[step.id]))
    kept = {step.id for step in new.steps}
    writes += [Delete(f"d:step:{id}", etag) for id, etag in before.steps.items() if id not in kept]
    return writes


def _head(deployment: Deployment, length: int, chain: str) -> dict[str, Any]:
    body: dict[str, Any] = _HEAD.dump_python(deployment, mode="json", exclude=_PARTS)
    order = [step.id for step in deployment.steps]
    return {**body, "order": order, "chain_length": length, "chain_head": chain}


def _audit(events: Sequence[Event], length: int, head: str) -> tuple[list[Create], int, str]:
    entries: list[Create] = []
    for event in events:
        previous, head = head, link(head, event)
        body = {**TypeAdapter(Event).dump_python(event, mode="json"), "previous": previous}
        entries.append(Create(f"audit:{length:08d}", {**body, "hash": head}))
        length += 1
    return entries, length, head


def _logged(deployment: Deployment, at: datetime) -> Deployment:
    """The deployment with its overall state noted, when that has changed."""
    now = standing(deployment)
    last = deployment.log[-1][0] if deployment.log else ""
    if now == last:
        return deployment
    entries = (("planned", at),) if last == "planning" and now in {"awaiting", "queued"} else ()
    return replace(deployment, log=(*deployment.log, *entries, (now, at)))
