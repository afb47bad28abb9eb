"""What has to be true when all is over, looked up in the store, the clouds and what people see."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from approvals.audit import Intact
from orchestration import heads, index, permits, records, workspaces
from orchestration.deployment import Deployment
from orchestration.inbox import WAITS as WAITS_TO_BE_ANSWERED
from orchestration.outbox import WAITS as WAITS_TO_BE_SAID
from orchestration.paging import all_in, all_waiting
from orchestration.ports import Document, NotFound, Store
from orchestration.sandbox.view import activity, look
from orchestration.standing import standing
from tests.faults.chaos.estate import Estate
from tests.faults.chaos.people import ENDS, Record, Wish
from tests.faults.chaos.sendings import Sendings, cause
from tests.faults.chaos.talks import Post, Talk
from tests.faults.chaos.troubles import Trouble

_LEADS: Mapping[str, str] = {"succeeded": "It is up", "rejected": "ejected", "cancelled": "ancel"}
_NOTICES: Mapping[str, str] = {
    "succeeded": "is up", "rejected": "was rejected", "cancelled": "was cancelled",
}  # fmt: skip
_RESOURCES = 3
"""Resource group, account, container."""
_LONG_AGO = "2000-01-01T00:00:00+00:00"


@dataclass(slots=True)
class Check:
    name: str
    of: int = 0
    wrong: list[str] = field(default_factory=list)

    def expect(self, true: bool, otherwise: str) -> None:
        self.of += 1
        if not true:
            self.wrong.append(otherwise)


@dataclass(slots=True)
class Verdict:
    checks: list[Check]
    doubled: Mapping[tuple[str, str], int]
    """Messages that were posted once more, by surface and why."""
    remade: int
    signed_again: int

    @property
    def wrong(self) -> list[str]:
        return [f"{check.name}: {wrong}" for check in self.checks for wrong in check.wrong]


class Inspection:
    def __init__(
        self,
        store: Store,
        there: Estate,
        people: Sequence[Record],
        results: Mapping[str, Sequence[Post]],
        troubles: Sequence[Trouble],
        sendings: Sendings,
    ) -> None:
        self._store = store
        self._there = there
        self._people = people
        self._results = results
        self._troubles = troubles
        self._sendings = sendings
        self._checks: dict[str, Check] = {}
        self._doubled: Counter[tuple[str, str]] = Counter()
        self._signed_again = 0

    async def verdict(self) -> Verdict:
        found = await self._deployments()
        for record in self._people:
            await self._deployment(record, found.get(record.wish.team, []))
            self._messages(record)
        for talk in {id(r.talk): r.talk for r in self._people}.values():
            await self._turns(talk)
        remade = self._clouds()
        await self._left_behind()
        return Verdict(list(self._checks.values()), self._doubled, remade, self._signed_again)

    def _check(self, name: str) -> Check:
        return self._checks.setdefault(name, Check(name))

    # ------------------------------------------------ deployments and decisions

    async def _deployments(self) -> Mapping[str, list[Deployment]]:
        """By their team."""
        found: dict[str, list[Deployment]] = defaultdict(list)
        async for line in index.Index(self._store, self._there.settings.organisation).lines():
            if not line.is_past:
                continue
            deployment = (await records.load(self._store, line.deployment)).deployment
            found[str(deployment.steps[0].values["team"].value)].append(deployment)
        return found

    async def _deployment(self, record: Record, found: Sequence[Deployment]) -> None:
        wish = record.wish
        one = self._check("every wish became one deployment")
        one.expect(len(found) == 1, f"{wish.team}: {len(found)} ({record.stuck})")
        if len(found) != 1:
            return
        deployment, state = found[0], standing(found[0])
        right = state == ENDS[wish.kind] and record.ended
        about = f"{wish.team} ({deployment.id}, {wish.kind}) is {state} {record.stuck}"
        self._check("every deployment is in its right final state").expect(right, about)
        if wish.kind == "corrected":
            region = str(deployment.steps[0].values["region"].value)
            wanted = wish.region.lower().replace(" ", "")
            order = self._check("a correction came after what it corrects")
            order.expect(region == wanted, f"{wish.team}: {region}, not {wanted}")
        await self._decisions(wish, deployment)

    async def _decisions(self, wish: Wish, deployment: Deployment) -> None:
        entries, chain = await records.audit(self._store, deployment.id)
        events = Counter((e.event.action, e.event.actor) for e in entries)
        whole = self._check("the audit chain is whole")
        whole.expect(isinstance(chain, Intact), deployment.id)
        made = Counter((d.decision.verdict.value, d.decision.by) for d in deployment.decisions)
        audited = Counter({pair: events[pair] for pair in made})
        verdict = {"rejected": "reject", "cancelled": ""}.get(wish.kind, "approve")
        wanted = {(verdict, wish.decider)} if verdict else set()
        digests = {d.decision.digest for d in deployment.decisions}
        self._signed_again += max(0, len(digests) - 1)
        once = set(made) == wanted and all(n <= len(digests) for n in made.values())
        decided = self._check("every decision is recorded once, and audited")
        decided.expect(once and made == audited, f"{wish.team}: {made}, audited {audited}")
        plans = Counter(
            e.event.detail["plan"] for e in entries if e.event.action == "apply started"
        )
        applied = self._check("a plan is applied once")
        applied.expect(all(n == 1 for n in plans.values()), f"{deployment.id}: {plans}")

    # ------------------------------------------------ what people see

    def _messages(self, record: Record) -> None:
        wish, posts = record.wish, record.talk.posts()
        end = ENDS[wish.kind]
        cards = [p for p in posts if p.reading.title == wish.title]
        final = self._check("every thread shows the final card")
        shown = cards[-1].reading.lead if cards else "no card"
        final.expect(
            any(_LEADS[end] in card.reading.lead for card in cards), f"{wish.team}: {shown}"
        )
        notice = f"{wish.title} {_NOTICES[end]}"
        self._said(record, "its result notice", self._results[record.talk.surface], notice)
        self._said(record, "its answer", posts, f"{wish.draft}, East US.", start=True)
        self._said(record, "its call", posts, f"{wish.title} waits for your sign-off")
        self._shown(record, "its draft card", [p for p in posts if p.born.title == wish.draft])
        self._shown(record, "its card", cards)

    def _said(
        self, record: Record, what: str, posts: Sequence[Post], text: str, *, start: bool = False
    ) -> None:
        found = [p for p in posts if (p.text.startswith(text) if start else text in p.text)]
        self._shown(record, what, [p for p in found if len(p.reading.lines) <= 3])

    def _shown(self, record: Record, what: str, found: Sequence[Post]) -> None:
        lost = self._check("no message is lost")
        lost.expect(bool(found), f"{record.wish.team} in {record.talk.surface}: {what}")
        surface = record.talk.surface
        twice = self._check("a message is there twice only where its sending was cut off")
        twice.of += bool(found)
        for sent in pairwise(self._sendings.of(surface, post.id) for post in found):
            why = cause(*sent, self._troubles)
            self._doubled[surface, why or "nothing"] += 1
            twice.expect(bool(why), f"{record.wish.team} in {surface}: {what}, {sent}")

    # ------------------------------------------------ turns

    async def _turns(self, talk: Talk) -> None:
        turns = await _all(self._store, heads.CONTAINER, talk.thread, "turn:")
        ordered = sorted((t.body for t in turns), key=lambda body: body["number"])
        numbers = Counter(body["number"] for body in ordered)
        once = self._check("no two replicas answered one message")
        events = Counter(body["event"] for body in ordered)
        twice = [n for n, k in (*numbers.items(), *events.items()) if k > 1]
        once.expect(not twice, f"{talk.thread}: {twice}")
        said = [body["said"] for body in ordered if body["said"]]
        kept = self._check("the turns of a thread are in the order of its messages")
        kept.expect(said == talk.said, f"{talk.thread}: {said}, not {talk.said}")

    # ------------------------------------------------ the clouds

    def _clouds(self) -> int:
        """How many resources were made again after they had been deleted."""
        sandbox = self._there.settings.store.resolve() / "sandbox"
        exists = Counter(o.id for o in look(sandbox))
        known = Counter(self._in_state())
        same = self._check("what exists is what Terraform knows")
        for id in set(exists) | set(known):
            same.expect(exists[id] == known[id] == 1, f"{id}: {exists[id]}, known {known[id]}")
        wanted = _RESOURCES * sum(ENDS[r.wish.kind] == "succeeded" for r in self._people)
        count = self._check("as many resources as were wanted")
        count.expect(exists.total() == wanted, f"{exists.total()} instead of {wanted}")
        made: Counter[tuple[str, str]] = Counter()
        once, remade = self._check("no resource was created while it existed"), 0
        for entry in activity(sandbox):
            if "error" in entry or entry["operation"] not in {"create", "delete"}:
                continue
            gone = entry["operation"] == "delete"
            made[entry["type"], entry["id"]] += -1 if gone else 1
            remade += gone
            once.expect(made[entry["type"], entry["id"]] <= 1, entry["id"])
        return remade

    def _in_state(self) -> Iterator[str]:
        for path in (self._there.settings.store / "state").rglob("terraform.tfstate"):
            for resource in json.loads(path.read_text())["resources"]:
                if resource["mode"] == "managed":
                    yield from (one["attributes"]["id"] for one in resource["instances"])

    # ------------------------------------------------ what is left

    async def _left_behind(self) -> None:
        left = self._check("nothing is left behind: inbox, outbox, permit, queue, lease, list")
        for text in await left_behind(self._store, self._there):
            left.wrong.append(text)
        left.of += 1


async def left_behind(store: Store, there: Estate) -> list[str]:
    """What waits or is held, in words."""
    waits = (
        *(("threads", what) for what in (WAITS_TO_BE_ANSWERED, WAITS_TO_BE_SAID)),
        *(("deployments", what) for what in (records.OPEN, WAITS_TO_BE_SAID)),
    )
    found = [
        f"{container}/{partition} waits: {what}"
        for container, what in waits
        for partition in await all_waiting(store, container, what)
    ]
    organisation = there.settings.organisation
    queues = await _all(store, workspaces.CONTAINER, organisation, "queue:")
    found += [f"{queue.id}: {queue.body['jobs']}" for queue in queues]
    opened = await _all(store, index.CONTAINER, organisation, "open:")
    found += [f"the lists say {line.id}" for line in opened if not line.body.get("closed")]
    now = datetime.now(UTC) + timedelta(seconds=there.ahead_s)
    for head in (await store.everywhere(heads.CONTAINER, "hot:head", limit=1000)).documents:
        if datetime.fromisoformat(head.body.get("until") or _LONG_AGO) > now:
            found.append(f"{head.body['owner']} holds {head.body['session']['thread']}")
    with_permits = await _or_none(store, permits.CONTAINER, organisation, "permits")
    held = (with_permits.body["held"] if with_permits else {}).values()
    holds = sum(one["count"] for one in held if datetime.fromisoformat(one["until"]) > now)
    if holds > there.settings.max_jobs:  # workers hold some while they ask for a job
        found.append(f"{holds} permits are held")
    return found


async def _or_none(store: Store, container: str, partition: str, id: str) -> Document | None:
    try:
        return await store.get(container, partition, id)
    except NotFound:
        return None


async def _all(store: Store, container: str, partition: str, prefix: str) -> list[Document]:
    return [one async for one in all_in(store, container, partition, prefix=prefix)]
