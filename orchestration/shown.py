"""Which message shows a card in a thread, so that the card is updated rather than posted again.

It is noted where the card's own outbox is, so that it is one write with what was spoken there.
"""

from orchestration.document_ids import document_id
from orchestration.messages import ThreadId
from orchestration.outbox import CardRef
from orchestration.places import Place
from orchestration.ports import NotFound, Put, Store
from orchestration.surface import MessageId


def is_kept(card: CardRef) -> bool:
    """Whether the card is ever updated; a list that was asked for is not."""
    return card.kind in ("draft", "deployment")


def place_of(thread: ThreadId, card: CardRef) -> Place:
    """Where it is noted."""
    if card.kind == "deployment":
        return Place("deployments", card.key)
    return Place("threads", thread)


async def message_of(store: Store, thread: ThreadId, card: CardRef) -> MessageId | None:
    """The message that shows the card, None if there is none yet."""
    if not is_kept(card):
        return None
    place = place_of(thread, card)
    try:
        document = await store.get(place.container, place.partition, _id(thread, card))
    except NotFound:
        return None
    return MessageId(document.body["message"])


def shown_write(thread: ThreadId, card: CardRef, message: MessageId) -> Put:
    """Remember that the message shows the card."""
    return Put(_id(thread, card), {"message": message.value})


def _id(thread: ThreadId, card: CardRef) -> str:
    return document_id(f"shown:{thread if card.kind == 'deployment' else card.id}")
