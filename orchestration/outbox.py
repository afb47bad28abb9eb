"""Outgoing messages, stored by the batch that causes them and sent after it.

    await backlog.mark(place)
    await store.batch(place.container, place.partition,
                      [..., *outbox.entries_for(thread, messages, order=version)], operation=...)
    delivery.nudge(place)

An entry for a card says "thread T shows card C, no older than now": the card is rendered when it is
sent, so a late or repeated entry shows the present.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, assert_never
from uuid import uuid4

from approvals.principals import PrincipalId
from orchestration.backlog import Place
from orchestration.messages import Notice, Reply, ThreadId
from orchestration.ports import Create, Delete, NotFound, Put, Store

_PREFIX = "outbox/"
_LAST = "9" * 16
AT_ONCE = 100
CardKind: TypeAlias = Literal["draft", "deployment", "history", "help"]


@dataclass(frozen=True, slots=True)
class CardRef:
    """A card to be rendered when it is sent: of a thread's draft, a deployment, what there was,
    what there is to ask for. The last two have the event that asked for them as key."""

    kind: CardKind
    key: str

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.key}"


Message: TypeAlias = Reply | Notice | CardRef


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that waits to be sent to a thread (a notice goes to its channel instead)."""

    id: str
    thread: ThreadId
    message: Message


def entries_for(thread: ThreadId, messages: Sequence[Message], *, order: int) -> list[Create]:
    """The writes that send messages, in this order, after those with a smaller `order`.

    `order` grows from batch to batch of a partition: the version of its head.
    """
    return [
        Create(f"{_PREFIX}{order:016}/{index:03}", {"thread": thread, **_to_json(message)})
        for index, message in enumerate(messages)
    ]


def latest(thread: ThreadId, card: CardRef) -> Put:
    """The write that shows a card again, after all else; many of them are one until it is sent."""
    return Put(f"{_PREFIX}{_LAST}/{card.kind}", {"thread": thread, **_to_json(card)})


async def pending(store: Store, place: Place, *, limit: int = AT_ONCE) -> list[Entry]:
    """The first messages that wait in a partition, in the order they are to be sent."""
    page = await store.find(place.container, place.partition, prefix=_PREFIX, limit=limit)
    return [
        Entry(document.id, ThreadId(document.body["thread"]), _from_json(document.body))
        for document in page.documents
    ]


async def spoken(store: Store, place: Place, entry: Entry) -> None:
    """The message is sent, or need not be; a no-op if that is known."""
    try:
        write = Delete(entry.id)
        await store.batch(place.container, place.partition, [write], operation=uuid4().hex)
    except NotFound:
        return


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
            return {"kind": "card", "card": {"kind": message.kind, "key": message.key}}
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
            return CardRef(body["card"]["kind"], body["card"]["key"])
        case kind:
            raise ValueError(f"an outgoing message of an unknown kind: {kind!r}")
