"""Which message shows a card in a thread, so that the card is updated rather than posted again."""

from uuid import uuid4

from orchestration.messages import ThreadId
from orchestration.outbox import CardRef
from orchestration.ports import NotFound, Put, Store
from orchestration.surface import MessageId

CONTAINER = "threads"


async def message_of(store: Store, thread: ThreadId, card: CardRef) -> MessageId | None:
    """The message that shows the card, None if there is none yet."""
    try:
        document = await store.get(CONTAINER, thread, _id(card))
    except NotFound:
        return None
    return MessageId(document.body["message"])


async def record(store: Store, thread: ThreadId, card: CardRef, message: MessageId) -> None:
    """Remember that the message shows the card."""
    write = Put(_id(card), {"message": message.value})
    await store.batch(CONTAINER, thread, [write], operation=uuid4().hex)


def _id(card: CardRef) -> str:
    return f"shown/{card.id}"
