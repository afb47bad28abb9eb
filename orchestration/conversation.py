"""One turn of a thread: load, answer, save; and only then carry out what was wished.

A turn is stored as one batch with its answer, if nobody else has written to the thread. A crash
repeats the turn without repeating its effects: what is stored as answered is not planned again, and
a wish that is stored as pending is carried out under an id made from its event.
"""

from dataclasses import replace

from approvals.principals import Principal
from capabilities.capability import Catalogue
from orchestration.deployment import Deployment, Kind
from orchestration.deployments import Deployments
from orchestration.desk import ThreadDesk
from orchestration.document_ids import document_id
from orchestration.draft import Draft
from orchestration.draft_clicks import clicked_draft
from orchestration.errors import UserError, sentence
from orchestration.heads import Head
from orchestration.inbox import Entry
from orchestration.messages import Clicked, EventId, Inbound, Reply, Said
from orchestration.outbox import CardRef, Message
from orchestration.planner.desk import Answer, Command, Desk, Planner, Show, Turn, Verb
from orchestration.ports import DeploymentId, Directory, NotFound, PriceSource
from orchestration.provisioning import Provisioning
from orchestration.sessions import Session, turn_write
from orchestration.standing import is_final
from orchestration.writing import Writing

_DRAFT_WISHES = {"submit": Verb.SUBMIT, "discard": Verb.DISCARD}
_DEPLOYMENT_WISHES = {
    "cancel": Verb.CANCEL,
    "retry": Verb.RETRY,
    "roll_back": Verb.ROLL_BACK,
    "destroy": Verb.DESTROY,
}
_VIEWER = "You can look, but not ask for changes. Ask for the status, the history or who signs off."
_REPLACED = "That request is closed; a newer one is below, and nothing was changed."
_SUBMITTED = "That is submitted already; change anything by saying it, and submit it again."
_GONE = "That card belongs to a deployment that does not exist, so nothing was changed."
_NOBODY = "I don't know you, so I can't do anything for you. Ask platform to add you."


class Conversation:
    """Answers the events of threads, one at a time each."""

    def __init__(
        self,
        writing: Writing,
        planner: Planner,
        provisioning: Provisioning,
        deployments: Deployments,
        catalogue: Catalogue,
        prices: PriceSource,
        directory: Directory,
    ) -> None:
        self._writing = writing
        self._planner = planner
        self._provisioning = provisioning
        self._deployments = deployments
        self._catalogue = catalogue
        self._prices = prices
        self._directory = directory

    async def turn(self, head: Head, entry: Entry) -> None:
        """Answer one event of the inbox and take it out; `head` is as it was last read or written.

        Raises: Overtaken - another process has answered; Conflict - this was answered before;
        TemporaryError - try again.
        """
        event, session = entry.event, head.session
        by = await self._directory.get(event.by)
        if session.answered != event.event:
            session, messages, answer = await self._answered(session.settled(), event, by)
            session = replace(session, answered=event.event, turns=session.turns + 1)
            done = None if session.pending else entry
            turn = turn_write(session, event, answer)
            await self._writing.save(head, session, messages, done=done, turn=turn)
            if done:
                return
        session, messages = head.session, []
        if session.pending and by:
            session, messages = await self._carried_out(session, event, by, session.pending)
        await self._writing.save(head, session.settled(), messages, done=entry)

    async def give_up(self, head: Head, entry: Entry, incident: str) -> None:
        """Say that a message could not be answered, and take it out."""
        text = f"Something went wrong on my side (incident {incident}). Please say it again."
        session = head.session.settled()
        await self._writing.save(head, session, [Reply(text)], done=entry)

    async def _answered(
        self, session: Session, event: Inbound, by: Principal | None
    ) -> tuple[Session, list[Message], Answer | None]:
        """The session after it, what to say, and the planner's answer if it was asked."""
        if by is None:
            return session, [Reply(_NOBODY, event.by)], None
        match event:
            case Said():
                return await self._said(session, _words(event), event, by)
            case Clicked(verb="say"):
                return await self._said(session, event.data.get("text", ""), event, by)
            case Clicked():
                return *self._clicked(session, event, by), None

    async def _said(
        self, session: Session, text: str, event: Inbound, by: Principal
    ) -> tuple[Session, list[Message], Answer]:
        answer, session = await self._planned(session, text, event, by)
        if not by.may_ask() and (answer.command or answer.draft != session.draft):
            return session, [Reply(_VIEWER, by.id)], answer
        drafted = session.drafting(answer.draft, undone=answer.undone)
        drafted = replace(
            drafted,
            changes=answer.changes,
            pending=answer.command,
            promise=answer.text if answer.command else "",
            exchanges=(*session.exchanges, answer.exchange),
        )
        messages = [*_spoken(answer), *_shown(session, drafted, answer, event.event)]
        return drafted, messages, answer

    async def _planned(
        self, session: Session, text: str, event: Inbound, by: Principal
    ) -> tuple[Answer, Session]:
        """The planner's answer. After a deployment has ended, a message that is a request by itself
        starts anew; any other is about what is there."""
        present = await self._deployments.get(session.deployment) if session.deployment else None
        ended = present is not None and is_final(present)
        desk = self._desk(present)
        turn = Turn(
            text=text,
            by=by,
            at=event.at,
            draft=session.draft,
            earlier=session.earlier,
            has_deployment=present is not None and not ended,
            submitted=session.is_submitted,
            history=session.exchanges,
        )
        if ended and session.draft.steps:
            fresh = await self._planner.answer(
                replace(turn, draft=Draft(), earlier=(), history=()), desk
            )
            if fresh.draft.steps and not fresh.undone:
                return fresh, session.anew()
        return await self._planner.answer(turn, desk), session

    def _desk(self, present: Deployment | None) -> Desk:
        return ThreadDesk(
            self._deployments, self._catalogue, self._prices, self._directory, present
        )

    def _clicked(
        self, session: Session, event: Clicked, by: Principal
    ) -> tuple[Session, list[Message]]:
        if not by.may_ask():
            return session, [Reply(_VIEWER, by.id)]
        if event.data.get("draft", session.draft_key) != session.draft_key:
            return session, [Reply(_REPLACED, by.id)]
        wish = _DRAFT_WISHES.get(event.verb) or _DEPLOYMENT_WISHES.get(event.verb)
        if wish is Verb.SUBMIT and session.is_submitted:
            return session, [Reply(_SUBMITTED, by.id)]  # pressed twice, or on a card of before
        if wish:
            session = session.about(DeploymentId(event.data.get("deployment", "")))
            return replace(session, pending=Command(wish)), []
        try:
            drafted = clicked_draft(session, event, by, self._catalogue)
        except UserError as error:
            return session, [Reply(sentence(str(error)), by.id)]
        told = [Reply(sentence(bad.why), by.id) for bad in drafted.unusable]
        return drafted, [CardRef("draft", drafted.draft_key), *told]

    async def _carried_out(
        self, session: Session, event: Inbound, by: Principal, wish: Command
    ) -> tuple[Session, list[Message]]:
        """Do what was wished; doing it again after a crash has no further effect."""
        try:
            session, messages = await self._done(session, event, by, wish)
            promised: list[Message] = [Reply(session.promise)] if session.promise else []
            return session, [*promised, *messages]
        except UserError as error:
            return session, [Reply(sentence(str(error)), by.id)]
        except NotFound:
            return session, [Reply(_GONE, by.id)]

    async def _done(
        self, session: Session, event: Inbound, by: Principal, wish: Command
    ) -> tuple[Session, list[Message]]:
        provisioning = self._provisioning
        if wish.verb is Verb.DISCARD:
            return session.anew(), [CardRef("draft", session.draft_key)]
        if wish.verb is Verb.SUBMIT:
            id = await provisioning.submit(
                session.draft, event.thread, by, event.event, session.deployment
            )
            return session.submitting(id), [CardRef("draft", session.draft_key)]
        about = session.wanted or session.deployment
        if about is None:
            raise UserError("there is no deployment in this thread yet")
        match wish.verb:
            case Verb.CANCEL:
                await provisioning.cancel(about, by, event.event)
            case Verb.RETRY:
                await provisioning.retry(about, by, wish.steps, event.event)
            case Verb.ROLL_BACK | Verb.DESTROY:
                kind = Kind.DESTROY if wish.verb is Verb.DESTROY else Kind.ROLL_BACK
                id = await provisioning.undo(
                    about, by, event.event, kind, wish.steps, session.deployment
                )
                return session.deploying(id), []
        return session, []


def _shown(before: Session, after: Session, answer: Answer, event: EventId) -> list[Message]:
    """The cards that go with an answer; a changed draft always shows its card."""
    messages: list[Message] = []
    draft_card = CardRef("draft", after.draft_key)
    if after.draft != before.draft or (answer.show is Show.DRAFT and after.draft.steps):
        messages.append(draft_card)
    if answer.show is Show.CATALOGUE:
        messages.append(CardRef("help", document_id(event)))
    if answer.show is Show.HISTORY:
        messages.append(CardRef("history", document_id(event)))
    return messages


def _words(said: Said) -> str:
    """What was written, and what came with it."""
    return "\n\n".join([said.text, *(f"{file.name}:\n{file.text}" for file in said.files)])


def _spoken(answer: Answer) -> list[Message]:
    """What is said at once: not the promise of a wish, nor what a list says better."""
    listed = answer.show in (Show.CATALOGUE, Show.HISTORY)
    return (
        []
        if answer.command or listed or not answer.text
        else [Reply(answer.text, choices=answer.choices)]
    )
