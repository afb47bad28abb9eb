"""Where something is in Slack, as thread ids and message ids write it."""

from dataclasses import dataclass

from orchestration.errors import PermanentError
from orchestration.messages import ThreadId
from orchestration.surface import MessageId

SCHEME = "slack"
_UNTHREADED = "dm"


@dataclass(frozen=True, slots=True)
class Spot:
    """A thread; `thread_ts` is "" for the talk of a direct message that is in no thread."""

    team: str
    channel: str
    thread_ts: str

    @property
    def thread(self) -> ThreadId:
        return ThreadId(f"{SCHEME}:{self.team}/{self.channel}/{self.thread_ts or _UNTHREADED}")

    @property
    def direct(self) -> bool:
        """Whether it is between one person and the bot. Source: Slack, ids of direct messages."""
        return self.channel.startswith("D")


def spot_of(thread: ThreadId) -> Spot:
    """Raises: PermanentError - not a thread in Slack."""
    scheme, _, rest = thread.partition(":")
    parts = rest.split("/")
    if scheme != SCHEME or len(parts) != 3 or not all(parts):
        raise PermanentError(f"speaking in {thread!r}: that is no thread in Slack")
    team, channel, ts = parts
    return Spot(team, channel, "" if ts == _UNTHREADED else ts)


def is_spot(thread: str) -> bool:
    try:
        spot_of(ThreadId(thread))
    except PermanentError:
        return False
    return True


def realm(team: str) -> str:
    """Where the ids of people mean something, for `orchestration.addresses`."""
    return f"{SCHEME}:{team}"


def message_id(channel: str, ts: str) -> MessageId:
    return MessageId(f"{channel}/{ts}")


def channel_and_ts(message: MessageId) -> tuple[str, str]:
    """Raises: PermanentError - not a message in Slack."""
    channel, _, ts = message.value.partition("/")
    if not channel or not ts:
        raise PermanentError(f"updating {message.value!r}: that is no message in Slack")
    return channel, ts
