"""Outgoing messages, stored by the batch that causes them and sent after it.

    claim = await voice.claim(place)
    write = outbox.entry_write(thread, messages, order=version, claim=claim)
    etags = await store.batch(place.container, place.partition, [..., write], operation=...)
    voice.tell(place, outbox.entry_of(write, etag), alone=...)

A message that is a card says "thread T shows card C, no older than now": the card is rendered when
it is sent, so a late or repeated one shows the present.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias, assert_never
from uuid import uuid4

from approvals.principals import PrincipalId
from orchestration.messages import Notice, Reply, ThreadId
from orchestration.places import Claim, Place
from orchestration.ports import (
    Create,
    Delete,
    Document,
    ETag,
    NotFound,
    Put,
    Replace,
    Stale,
    Store,
    Write,
)

WAITS = "out"
_PREFIX = "hot:out:"
_LAST = "9" * 16
AT_ONCE = 100
CardKind: TypeAlias = Literal["draft", "deployment", "history", "help"]


@dataclass(frozen=True, slots=True)
class CardRef:
    """A card to be rendered when it is sent: of a thread's draft, a deployment, what there was,
    what there is to ask for. The last two have the event that asked for them as key. `first`: it is
    known that no message shows it yet."""

    kind: CardKind
    key: str
    first: bool = field(default=False, compare=False)

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.key}"


Message: TypeAlias = Reply | Notice | CardRef


@dataclass(frozen=True, slots=True)
class Entry:
    """Messages that wait to be sent to a thread (a notice goes to its channel instead), each by
    its number; `order` is the version of what they tell of."""

    id: str
    thread: ThreadId
    messages: Mapping[int, Message]
    claim: Claim
    etag: ETag

    @property
    def order(self) -> int:
        return int(self.id.removeprefix(_PREFIX).partition(":")[0])

    @property
    def is_latest(self) -> bool:
        """Whether it was put by `latest_write`."""
        return self.order == int(_LAST)


class Voice(Protocol):
    """Who speaks what is put into an outbox."""

    async def claim(self, place: Place) -> Claim:
        """For what is about to be stored in `place`; a past one when nobody is there to speak."""
        ...

    def tell(self, place: Place, entry: Entry, *, alone: bool) -> None:
        """The entry is stored: whoever it was given to is to speak it soon, after what others are
        to speak there. `alone`: they have nothing to speak there, that is known."""
        ...


def entry_write(
    thread: ThreadId, messages: Sequence[Message], *, order: int, claim: Claim
) -> Create:
    """The write that sends messages, after those with a smaller `order`.

    `order` grows from batch to batch of a partition: the version of its head.
    """
    body = _body(thread, dict(enumerate(messages)), claim)
    return Create(f"{_PREFIX}{order:016}", body, waits=WAITS)


def latest_write(thread: ThreadId, card: CardRef, claim: Claim) -> Put:
    """The write that shows a card after all else; many of them are one until it is sent."""
    again = replace(card, first=False)
    return Put(f"{_PREFIX}{_LAST}:{card.kind}", _body(thread, {0: again}, claim), waits=WAITS)


def perhaps(thread: ThreadId, claim: Claim) -> Entry:
    """For `Voice.tell` when it is not known whether what was to be stored is."""
    return Entry("", thread, {}, claim, ETag(""))


def given_to_others(documents: Iterable[Document], speaker: str) -> bool:
    """Whether another process than the speaker is to speak any of the entries among them."""
    entries = (one for one in documents if one.id.startswith(_PREFIX))
    return any(one.body["speaker"] != speaker for one in entries)


def entry_of(write: Create | Put, etag: ETag | None) -> Entry:
    """What was written; `etag` is what the batch gave for it."""
    return _entry(Document(write.id, write.body, etag or ETag("")))


async def pending(store: Store, place: Place, *, limit: int = AT_ONCE) -> list[Entry]:
    """The first entries that wait in a partition, in the order they are to be sent."""
    page = await store.find(place.container, place.partition, prefix=_PREFIX, limit=limit)
    return [_entry(document) for document in page.documents]


async def spoken(store: Store, place: Place, entry: Entry, more: Sequence[Write] = ()) -> bool:
    """The entry is sent, or need not be; `more` is noted with it. What another process has put in
    its place stays, and is sent again. False if another process has had it meanwhile."""
    try:
        await _batch(store, place, [Delete(entry.id, entry.etag), *more])
        return True
    except NotFound:
        alone = False
    except Stale:
        alone = entry.is_latest  # only put again: it is sent next
    if more:
        await _batch(store, place, more)
    return alone


async def kept(store: Store, place: Place, entry: Entry) -> Entry | None:
    """The entry as it is, stored: with another claim or with fewer messages.

    None when another process has changed it or sent it.
    """
    body = _body(entry.thread, entry.messages, entry.claim)
    try:
        (etag,) = await _batch(store, place, [Replace(entry.id, body, entry.etag, waits=WAITS)])
    except (NotFound, Stale):
        return None
    return replace(entry, etag=etag or ETag(""))


async def noted(store: Store, place: Place, writes: Sequence[Write]) -> None:
    """What was sent, for later."""
    await _batch(store, place, writes)


async def _batch(store: Store, place: Place, writes: Sequence[Write]) -> tuple[ETag | None, ...]:
    return await store.batch(place.container, place.partition, writes, operation=uuid4().hex)


def _body(thread: ThreadId, messages: Mapping[int, Message], claim: Claim) -> dict[str, Any]:
    return {
        "thread": thread,
        "messages": [{"n": n, **_to_json(message)} for n, message in messages.items()],
        "speaker": claim.speaker,
        "until": claim.until.isoformat(),
        **({"renewed": True} if claim.renewed else {}),
    }


def _entry(document: Document) -> Entry:
    body = document.body
    until = datetime.fromisoformat(body["until"])
    claim = Claim(body["speaker"], until, body.get("renewed", False))
    messages = {one["n"]: _from_json(one) for one in body["messages"]}
    return Entry(document.id, ThreadId(body["thread"]), messages, claim, document.etag)


def _to_json(message: Message) -> dict[str, Any]:
    match message:
        case Reply():
            choices = list(message.choices)
            to, calls = message.to, list(message.calls)
            body = {"text": message.text, "to": to, "choices": choices, "calls": calls}
            return {"kind": "reply", **body}
        case Notice():
            return {"kind": "notice", "channel": message.channel, "text": message.text}
        case CardRef():
            first = {"first": True} if message.first else {}
            return {"kind": "card", "card": {"kind": message.kind, "key": message.key, **first}}
        case _:
            assert_never(message)


def _from_json(body: Mapping[str, Any]) -> Message:
    match body["kind"]:
        case "reply":
            to = None if body["to"] is None else PrincipalId(body["to"])
            calls = tuple(map(PrincipalId, body.get("calls", ())))
            return Reply(body["text"], to, tuple(body["choices"]), calls)
        case "notice":
            return Notice(body["channel"], body["text"])
        case "card":
            card = body["card"]
            return CardRef(card["kind"], card["key"], card.get("first", False))
        case kind:
            raise ValueError(f"an outgoing message of an unknown kind: {kind!r}")
