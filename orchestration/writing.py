"""What a turn leaves in its thread, as one batch."""

from collections.abc import Sequence
from dataclasses import replace

from orchestration.errors import TemporaryError
from orchestration.heads import CONTAINER, Head, Heads, Overtaken
from orchestration.inbox import Entry, finishing
from orchestration.outbox import CardRef, Message, Voice, entry_of, entry_write, perhaps
from orchestration.places import Place
from orchestration.ports import Create, Write
from orchestration.sessions import Session


class Writing:
    """Saves sessions with what has to be said because of them."""

    def __init__(self, heads: Heads, voice: Voice) -> None:
        self._heads = heads
        self._voice = voice

    async def save(
        self,
        head: Head,
        session: Session,
        messages: Sequence[Message],
        *,
        done: Entry | None = None,
        turn: Create | None = None,
    ) -> None:
        """Store the session in the head, with the record of its `turn`; the event that is `done`
        with it leaves the inbox.

        Raises: Overtaken - nothing was written; Conflict - that turn is recorded already.
        """
        session, order = session.speaking()
        session, messages = _carded(session, messages)
        others: list[Write] = [
            *([finishing(done)] if done else ()),
            *([turn] if turn else ()),
        ]
        if not messages:
            await self._heads.save(head, session, others)
            return
        place = Place(CONTAINER, head.thread)
        claim = await self._voice.claim(place)
        speech = entry_write(head.thread, messages, order=order, claim=claim)
        try:
            etag, *_ = await self._heads.save(head, session, [speech, *others])
        except Overtaken:
            raise
        except TemporaryError:
            self._voice.tell(place, perhaps(head.thread, claim), alone=False)
            raise
        self._voice.tell(place, entry_of(speech, etag), alone=not head.others_speak)


def _carded(session: Session, messages: Sequence[Message]) -> tuple[Session, Sequence[Message]]:
    """The first card of a request is known as such: nobody has to look which message shows it."""
    card = CardRef("draft", session.draft_key, first=True)
    if not session.uncarded or card not in messages:
        return session, messages
    noted = replace(session, uncarded=False)
    return noted, [card if message == card else message for message in messages]
