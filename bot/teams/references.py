"""Where a thread is, so that it can be spoken in later, also after a restart."""

from dataclasses import asdict, dataclass
from uuid import uuid4

from approvals.principals import PrincipalId
from bot.teams.activity import Activity, realm_of
from orchestration.errors import PermanentError
from orchestration.messages import ThreadId
from orchestration.ports import NotFound, Put, Store

CONTAINER = "threads"
_ID = "teams:reference"
_REMEMBERED = 10_000

PERSONAL, GROUP, CHANNEL = "personal", "groupChat", "channel"


@dataclass(frozen=True, slots=True)
class Reference:
    """A conversation; `person` is who it is with, in a personal chat."""

    service_url: str
    conversation: str
    scope: str
    tenant: str
    bot: str
    person: str = ""

    @property
    def realm(self) -> str:
        """Of addresses there."""
        return realm_of(self.tenant)

    @property
    def viewer(self) -> PrincipalId | None:
        """The one person who reads along; None where there are several."""
        return PrincipalId(self.person) if self.person else None


def thread_of(activity: Activity) -> ThreadId:
    return ThreadId(f"{activity.realm}/{conversation_of(activity)}")


def conversation_of(activity: Activity) -> str:
    """In a channel that of its thread, which a first message may not name yet."""
    first = activity.kind == "message" and activity.scope == CHANNEL
    if first and ";messageid=" not in activity.conversation:
        return f"{activity.conversation};messageid={activity.id}"
    return activity.conversation


def reference_of(activity: Activity, person: PrincipalId | None = None) -> Reference:
    return Reference(
        activity.service_url,
        conversation_of(activity),
        activity.scope,
        activity.tenant,
        activity.bot,
        person or "" if activity.scope == PERSONAL else "",
    )


class References:
    """One document in the partition of each thread, written when it is new to this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[ThreadId, Reference] = {}

    async def remember(self, thread: ThreadId, reference: Reference) -> None:
        if self._known.get(thread) == reference:
            return
        write = Put(_ID, asdict(reference))
        await self._store.batch(CONTAINER, thread, [write], operation=uuid4().hex)
        self._keep(thread, reference)

    async def of(self, thread: ThreadId) -> Reference:
        """Raises: PermanentError - nobody ever spoke with the bot there."""
        found = await self._found(thread)
        if found is None:
            raise PermanentError(f"speaking in {thread!r}: where that is was never stored")
        return found

    async def _found(self, thread: ThreadId) -> Reference | None:
        if thread not in self._known:
            try:
                document = await self._store.get(CONTAINER, thread, _ID)
            except NotFound:
                return None
            self._keep(thread, Reference(**document.body))
        return self._known[thread]

    def _keep(self, thread: ThreadId, reference: Reference) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[thread] = reference
