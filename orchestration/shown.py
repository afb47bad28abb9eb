"""Which message shows a card in a thread, so that the card is updated rather than posted again."""

from orchestration.document_ids import document_id
from orchestration.messages import ThreadId
from orchestration.outbox import CardRef
from orchestration.places import Place
from orchestration.ports import NotFound, Put, Store
from orchestration.surface import MessageId

CONTAINER = "threads"


def place_of(thread: ThreadId) -> Place:
    """Where it is noted."""
    return Place(CONTAINER, thread)


async def message_of(store: Store, thread: ThreadId, card: CardRef) -> MessageId | None:
    """The message that shows the card, None if there is none yet."""
    try:
        document = await store.get(CONTAINER, thread, _id(card))
    except NotFound:
        return None
    return MessageId(document.body["message"])


def shown_write(card: CardRef, message: MessageId) -> Put:
    """Remember that the message shows the card."""
    return Put(_id(card), {"message": message.value})


def _id(card: CardRef) -> str:
    return document_id(f"shown:{card.id}")
