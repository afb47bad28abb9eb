"""How a deployment is kept: small documents in one partition, changed as one batch.

d:head              the deployment without its parts, and how far each step is; every change
                    replaces it (If-Match), and it knows since when the next three are as they
                    are; it waits until the deployment has ended
d:step:<id>         what one step is to do; changed when the request is
d:plan:<id>-<n>     one plan record; never changed
d:decision:<event>  what was decided by one click; never changed
log:run:..          a Terraform run, and in log:lines:.. what it says (jobs/log.py)
audit:<n>           the links of one change in the chain of what happened, from number n on
done:<event>        a cancel or retry that was carried out; for a week
hot:out:<version>   what has to be said because of it
shown:<thread>      the message that shows its card
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from approvals.audit import (
    GENESIS,
    Entry,
    Event,
    Hash,
    Verdict,
    chain,
    from_json,
    to_json,
    verify,
)
from orchestration.deployment import Deployment, PlanRecord, Step, StepDecision
from orchestration.document_ids import document_id
from orchestration.outbox import Entry as Speech
from orchestration.outbox import Message, entry_of, entry_write
from orchestration.paging import all_in, pages
from orchestration.places import Claim
from orchestration.ports import (
    Create,
    Delete,
    DeploymentId,
    Document,
    ETag,
    NotFound,
    Replace,
    StepId,
    Store,
    Write,
)
from orchestration.standing import is_final, standing

CONTAINER = "deployments"
OPEN = "open"

_HEAD = TypeAdapter(Deployment)
_STEP = TypeAdapter(Step)
_PLAN = TypeAdapter(PlanRecord)
_DECISION = TypeAdapter(StepDecision)
_AT_ONCE = 1000
REMEMBERED_S = 7 * 24 * 3600
_PARTS = {"steps", "plans", "decisions"}
_PROGRESS = {"state", "started", "decided_from", "confirmed_from"}
"""What changes while a step is carried out: it is in the head, which is written anyway."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A deployment as it was read, with what a conditional write needs."""

    deployment: Deployment
    head: ETag
    steps: Mapping[StepId, ETag]
    version: int
    chain_length: int
    chain_head: Hash
    claim: Claim
    """Of who is to speak what was last said because of it."""
    parts: int
    """The version in which its steps, plans and decisions were last written."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one transition leaves behind, besides the new states."""

    events: Sequence[Event]
    messages: Sequence[Message]
    claim: Claim
    """Of who is to speak the messages."""
    once: str = ""
    """The id of what was wished, if a repeat of it has to be known (`was_done`)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A deployment as it was written, and what is to be spoken."""

    loaded: Loaded
    speech: Speech | None


async def load(store: Store, id: DeploymentId) -> Loaded:
    """Raises: NotFound - there is no such deployment."""
    documents = await _documents(store, id)
    steps = _under(documents, "d:step:")
    parts = {
        "plans": _under(documents, "d:plan:"),
        "decisions": _decisions(_under(documents, "d:decision:").values()),
    }
    etags = {StepId(step): documents[f"d:step:{step}"].etag for step in steps}
    return _loaded(documents["d:head"], steps, parts, etags)


async def load_since(store: Store, known: Loaded) -> Loaded:
    """As it is now: every change replaces the head, and few of them anything else.

    Raises: NotFound.
    """
    before = known.deployment
    head = await store.get(CONTAINER, before.id, "d:head")
    if head.etag == known.head:
        return known
    if head.body.get("parts") != known.parts:
        return await load(store, before.id)
    steps: Mapping[str, Any] = {step.id: _lasting(step) for step in before.steps}
    parts = {"plans": before.plans, "decisions": before.decisions}
    return _loaded(head, steps, parts, known.steps)


def _loaded(
    head: Document,
    steps: Mapping[str, Any],
    parts: Mapping[str, Any],
    etags: Mapping[StepId, ETag],
) -> Loaded:
    body = dict(head.body)
    length, chain = body.pop("chain_length"), Hash(body.pop("chain_head"))
    version, progress = body.pop("version"), body.pop("progress")
    claim = Claim(body.pop("speaker"), datetime.fromisoformat(body.pop("until")))
    written = body.pop("parts", version)  # an older build does not say
    body["steps"] = [{**steps[one["id"]], **one} for one in progress]
    deployment = _HEAD.validate_python({**body, **parts})
    return Loaded(deployment, head.etag, etags, version, length, chain, claim, written)


def _decisions(bodies: Iterable[Mapping[str, Any]]) -> list[Any]:
    return [one for body in sorted(bodies, key=lambda body: body["order"]) for one in body["said"]]


async def _documents(store: Store, id: DeploymentId) -> Mapping[str, Document]:
    """All of one version: what changes between two pages is read again.

    Raises: NotFound.
    """
    while True:
        find = partial(store.find, CONTAINER, id, prefix="d:", limit=_AT_ONCE)
        read = [page.documents async for page in pages(find)]
        found = {document.id: document for documents in read for document in documents}
        if "d:head" not in found:
            raise NotFound(f"there is no deployment {id!r}")
        head = found["d:head"]
        if len(read) == 1 or (await store.get(CONTAINER, id, head.id)).etag == head.etag:
            return found


def _under(documents: Mapping[str, Document], prefix: str) -> dict[str, Any]:
    return {
        id.removeprefix(prefix): document.body
        for id, document in documents.items()
        if id.startswith(prefix)
    }


async def create(store: Store, deployment: Deployment, change: Change, *, operation: str) -> Stored:
    """Raises: Conflict - it exists already."""
    logged = _logged(deployment, deployment.at)
    entries = chain(change.events)
    new = Loaded(logged, ETag(""), {}, 1, len(entries), _last(entries, GENESIS), change.claim, 1)
    writes: list[Write] = [
        Create("d:head", _head(new), waits=OPEN),
        *(Create(f"d:step:{step.id}", _lasting(step)) for step in logged.steps),
        *_audit(entries, 0),
    ]
    return await _written(store, new, change, writes, operation)


async def save(
    store: Store, before: Loaded, after: Deployment, change: Change, *, at: datetime, operation: str
) -> Stored:
    """Write what differs between two snapshots, with audit and outbox, or nothing.

    Raises: Stale - somebody else changed the deployment; load it and decide again.
    """
    old, new = before.deployment, _logged(after, at)
    entries = chain(change.events, after=before.chain_head)
    parts: list[Write] = [
        *_step_writes(before, old, new),
        *(
            Create(f"d:plan:{key}", _PLAN.dump_python(record, mode="json"))
            for key, record in new.plans.items()
            if key not in old.plans
        ),
        *_decided(len(old.decisions), new.decisions),
    ]
    loaded = Loaded(
        new,
        before.head,
        {step.id: etag for step in new.steps if (etag := before.steps.get(step.id))},
        before.version + 1,
        before.chain_length + len(entries),
        _last(entries, before.chain_head),
        change.claim if change.messages else before.claim,
        before.version + 1 if parts else before.parts,
    )
    waits = "" if is_final(new) else OPEN
    writes: list[Write] = [
        Replace("d:head", _head(loaded), before.head, waits=waits),
        *parts,
        *_audit(entries, before.chain_length),
        *([Create(_done(change.once), {}, ttl_s=REMEMBERED_S)] if change.once else ()),
    ]
    return await _written(store, loaded, change, writes, operation)


async def _written(
    store: Store, new: Loaded, change: Change, writes: Sequence[Write], operation: str
) -> Stored:
    deployment = new.deployment
    speech = entry_write(deployment.thread, change.messages, order=new.version, claim=change.claim)
    if change.messages:
        writes = [*writes, speech]
    found = await store.batch(CONTAINER, deployment.id, writes, operation=operation)
    etags = {write.id: etag for write, etag in zip(writes, found, strict=True) if etag}
    steps = {
        step.id: etags.get(f"d:step:{step.id}") or new.steps[step.id] for step in deployment.steps
    }
    stored = replace(new, head=etags["d:head"], steps=steps)
    return Stored(stored, entry_of(speech, etags[speech.id]) if change.messages else None)


async def was_done(store: Store, id: DeploymentId, wish: str) -> bool:
    """Whether a change that carries this wish's id is stored already."""
    try:
        await store.get(CONTAINER, id, _done(wish))
    except NotFound:
        return False
    return True


def _done(wish: str) -> str:
    return f"done:{document_id(wish)}"


def _decided(known: int, decisions: Sequence[StepDecision]) -> list[Write]:
    """The decisions after those that are known; they come from one click."""
    said = [_DECISION.dump_python(one, mode="json") for one in decisions[known:]]
    if not said:
        return []
    id = document_id(decisions[known].decision.id)
    return [Create(f"d:decision:{id}", {"order": known, "said": said})]


def _step_writes(before: Loaded, old: Deployment, new: Deployment) -> list[Write]:
    present = {step.id: _lasting(step) for step in old.steps}
    writes: list[Write] = []
    for step in new.steps:
        body = _lasting(step)
        if step.id not in present:
            writes.append(Create(f"d:step:{step.id}", body))
        elif body != present[step.id]:
            writes.append(Replace(f"d:step:{step.id}", body, before.steps[step.id]))
    kept = {step.id for step in new.steps}
    writes += [Delete(f"d:step:{id}", etag) for id, etag in before.steps.items() if id not in kept]
    return writes


def _lasting(step: Step) -> dict[str, Any]:
    body: dict[str, Any] = _STEP.dump_python(step, mode="json", exclude=_PROGRESS)
    return body


def _head(new: Loaded) -> dict[str, Any]:
    body: dict[str, Any] = _HEAD.dump_python(new.deployment, mode="json", exclude=_PARTS)
    shown = {"id", *_PROGRESS}
    steps = new.deployment.steps
    return {
        **body,
        "progress": [_STEP.dump_python(step, mode="json", include=shown) for step in steps],
        "version": new.version,
        "chain_length": new.chain_length,
        "chain_head": new.chain_head,
        "parts": new.parts,
        "speaker": new.claim.speaker,
        "until": new.claim.until.isoformat(),
    }


def _last(entries: Sequence[Entry], before: Hash) -> Hash:
    return entries[-1].hash if entries else before


def _audit(entries: Sequence[Entry], start: int) -> list[Create]:
    if not entries:
        return []
    links = [{**to_json(entry.event), "hash": entry.hash} for entry in entries]
    return [Create(f"audit:{start:08d}", {"links": links})]


async def audit(store: Store, id: DeploymentId) -> tuple[tuple[Entry, ...], Verdict]:
    """The audit trail of a deployment and whether its chain is whole.

    Raises: NotFound.
    """
    head = await store.get(CONTAINER, id, "d:head")
    links = all_in(store, CONTAINER, id, prefix="audit:")
    entries = [_entry(link) async for document in links for link in document.body["links"]]
    return tuple(entries), verify(entries, head=Hash(head.body["chain_head"]))


def _entry(body: Mapping[str, Any]) -> Entry:
    return Entry(from_json({k: v for k, v in body.items() if k != "hash"}), Hash(body["hash"]))


def _logged(deployment: Deployment, at: datetime) -> Deployment:
    """The deployment with its overall state noted, when that has changed."""
    now = standing(deployment)
    last = deployment.log[-1][0] if deployment.log else ""
    if now == last:
        return deployment
    entries = (("planned", at),) if last == "planning" and now in {"awaiting", "queued"} else ()
    return replace(deployment, log=(*deployment.log, *entries, (now, at)))
