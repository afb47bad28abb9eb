"""What a surface may ask of Signoff."""

from collections.abc import Mapping
from typing import Any, Protocol

from approvals.principals import PrincipalId
from orchestration.cards.model import Card
from orchestration.listing import Summary
from orchestration.messages import Inbound, ThreadId
from orchestration.ports import DeploymentId


class Service(Protocol):
    """The inside, as surfaces see it."""

    async def receive(self, event: Inbound) -> None:
        """Persist the event, then return: a repeat is a no-op and nothing is lost from here on.

        A click that decides has been recorded (or refused) when this returns; a message is
        answered later, in order within its thread.
        """
        ...

    async def settled(self, thread: ThreadId) -> None:
        """Return when every event received in the thread is answered and everything to be said
        in it because of them has been spoken. Running jobs are not waited for."""
        ...

    async def state(self, thread: ThreadId) -> tuple[str, ...]:
        """The states that the thread's newest deployment has been in, the present one last."""
        ...

    async def knows(self, thread: ThreadId) -> bool:
        """Whether anything was ever received in the thread: what is said in it is meant for us."""
        ...

    async def card(self, id: str) -> Card:
        """The card of that id (`Card.id`) as it is now. Raises: UserError - there is none."""
        ...

    async def summaries(self, limit: int = 100) -> tuple[Summary, ...]:
        """The newest deployments and those that have not ended, the newest first."""
        ...

    async def waiting_for(self, person: PrincipalId) -> tuple[Summary, ...]:
        """What the person could decide at this moment, the newest first."""
        ...

    async def thread_of(self, deployment: DeploymentId) -> ThreadId | None:
        """The thread in which it was asked for; None when there is no such deployment."""
        ...

    async def show(self, thread: ThreadId, what: str) -> Mapping[str, Any]:
        """`draft`, `deployment` or `audit` of the thread as one JSON object.

        Raises: UserError - there is none, or no such thing to show.
        """
        ...
