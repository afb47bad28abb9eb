"""A thread's session: its draft, what came before, and its deployments."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

from orchestration.draft import Draft, Unusable
from orchestration.inbox import event_hash
from orchestration.messages import EventId, Inbound, Said, ThreadId
from orchestration.planner.desk import Answer, Command
from orchestration.planner.history import Exchange
from orchestration.ports import Create, DeploymentId
from orchestration.redaction import redact

_UNDO_DEPTH = 5
_EXCHANGES = 4
"""Every turn reads and writes the session; what is older is in the records of the turns."""
_TURNS_KEPT_S = 90 * 24 * 3600
_NOBODY_YET = EventId("")


@dataclass(frozen=True, slots=True)
class Session:
    """`request` counts the requests of the thread: each has a draft card of its own.

    `answered` is the last event whose turn is stored; `pending` a wish of that turn that has
    still to be carried out, on the deployment `wanted` if a card named one; `promise` is said once
    it has been. `said` counts what was put in the outbox; `exchanges` are the last turns.
    """

    thread: ThreadId
    draft: Draft = field(default_factory=Draft)
    earlier: tuple[Draft, ...] = ()
    changes: tuple[str, ...] = ()
    unusable: tuple[Unusable, ...] = ()
    """What the last click answered and cannot be used, to be asked again with what was typed."""
    submitted: str = ""
    """The fingerprint of the draft that was last submitted."""
    request: int = 1
    uncarded: bool = False
    """Whether it is known that no card of the request's draft was put in the outbox yet."""
    turns: int = 0
    said: int = 0
    deployments: tuple[DeploymentId, ...] = ()
    answered: EventId = _NOBODY_YET
    pending: Command | None = None
    promise: str = ""
    wanted: DeploymentId | None = None
    exchanges: tuple[Exchange, ...] = ()

    @property
    def deployment(self) -> DeploymentId | None:
        """The newest one."""
        return self.deployments[-1] if self.deployments else None

    @property
    def draft_key(self) -> str:
        return f"{self.thread}:{self.request}"

    @property
    def is_submitted(self) -> bool:
        """Whether the draft is as it was last submitted."""
        return self.submitted == _fingerprint(self.draft)

    def drafting(self, draft: Draft, *, undone: int = 0) -> "Session":
        """The session with another draft; the present one can be undone to."""
        if undone:
            return replace(self, draft=draft, earlier=self.earlier[:-undone], unusable=())
        if draft == self.draft:
            return self
        earlier = (*self.earlier, self.draft)[-_UNDO_DEPTH:]
        return replace(self, draft=draft, earlier=earlier, unusable=())

    def anew(self) -> "Session":
        """Ready for another request, with a card of its own."""
        return replace(
            self,
            draft=Draft(),
            earlier=(),
            changes=(),
            unusable=(),
            submitted="",
            request=self.request + 1,
            uncarded=True,
        )

    def about(self, deployment: DeploymentId) -> "Session":
        """A wish that comes from a deployment's own card is about that one."""
        return replace(self, wanted=deployment or None)

    def settled(self) -> "Session":
        """With no wish any more, nor what it was about."""
        return replace(self, pending=None, promise="", wanted=None)

    def submitting(self, deployment: DeploymentId) -> "Session":
        """With the draft submitted as that deployment."""
        submitted = replace(self, submitted=_fingerprint(self.draft), changes=())
        return submitted.deploying(deployment)

    def deploying(self, deployment: DeploymentId) -> "Session":
        known = tuple(other for other in self.deployments if other != deployment)
        return replace(self, deployments=(*known, deployment)[-20:])

    def speaking(self) -> tuple["Session", int]:
        """The session after saying something more, and the number of what it says."""
        kept = self.exchanges[-_EXCHANGES:]
        return replace(self, said=self.said + 1, exchanges=kept), self.said + 1


_ADAPTER = TypeAdapter(Session)
_DRAFT = TypeAdapter(Draft)


def to_json(session: Session) -> dict[str, Any]:
    """As it is kept: what is as in a new session is left out, since every turn writes all of it."""
    body: dict[str, Any] = _ADAPTER.dump_python(session, mode="json", exclude_defaults=True)
    return body


def from_json(body: Mapping[str, Any]) -> Session:
    return _ADAPTER.validate_python(body)


def _fingerprint(draft: Draft) -> str:
    return sha256(_DRAFT.dump_json(draft)).hexdigest()[:16]


def turn_id(event: EventId) -> str:
    """Of the record of the turn that an event made."""
    return f"turn:{event_hash(event)}"


def turn_write(session: Session, event: Inbound, answer: Answer | None) -> Create:
    """What came in with the session's last turn and, if the planner was asked, its answer."""
    text = event.text if isinstance(event, Said) else ""
    body: dict[str, Any] = {
        "number": session.turns,
        "event": event.event,
        "by": event.by,
        "at": event.at.isoformat(),
        "said": redact(text),
    }
    if answer:
        body |= {
            "text": redact(answer.text),
            "service": answer.service,
            "tokens": answer.tokens,
            "tools": [{key: _plain(value) for key, value in call.items()} for call in answer.audit],
        }
    return Create(turn_id(event.event), body, ttl_s=_TURNS_KEPT_S)


def _plain(value: Any) -> Any:
    """A number as it is, anything else as text without secrets."""
    return value if isinstance(value, int | float) else redact(str(value))
