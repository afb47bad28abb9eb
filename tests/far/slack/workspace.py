"""What happens in a workspace, in order: for whoever wants to know what its people saw."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A version of a message of the bot; `thread_ts` is "" outside threads."""

    channel: str
    ts: str
    thread_ts: str
    version: int
    message: Message
    at_s: float = field(default_factory=time.perf_counter, compare=False)


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """What one person was told and nobody else."""

    channel: str
    user: str
    thread_ts: str
    message: Message


@dataclass(frozen=True, slots=True)
class Opened:
    """A view that was put before a person: their Home tab, or a modal, by the trigger of what they
    did."""

    user: str
    view: Mapping[str, Any]
    trigger: str = ""


@dataclass(slots=True)
class _ResponseUrl:
    user: str
    channel: str
    ts: str
    thread_ts: str
    until: float
    left: int = 5


@dataclass(slots=True)
class Workspace:
    """`seen` holds everything in order."""

    now_s: Callable[[], float] = time.time
    seen: list[Shown | Ephemeral | Opened] = field(default_factory=list)
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    """Every call of the bot with its arguments, refused ones too."""
    _versions: dict[tuple[str, str], int] = field(default_factory=dict)
    _threads: dict[tuple[str, str], str] = field(default_factory=dict)
    _urls: dict[str, _ResponseUrl] = field(default_factory=dict)
    _number: count = field(default_factory=lambda: count(1))

    @property
    def shown(self) -> list[Shown]:
        return [one for one in self.seen if isinstance(one, Shown)]

    @property
    def ephemerals(self) -> list[Ephemeral]:
        return [one for one in self.seen if isinstance(one, Ephemeral)]

    @property
    def opened(self) -> list[Opened]:
        return [one for one in self.seen if isinstance(one, Opened)]

    def show(self, channel: str, ts: str, message: Message) -> None:
        key = (channel, ts)
        self._versions[key] = self._versions.get(key, 0) + 1
        thread = str(message.get("thread_ts") or self._threads.get(key, ""))
        self._threads[key] = thread
        self.seen.append(Shown(channel, ts, thread, self._versions[key], message))

    # ------------------------------------------------ response_url

    def response_path(self, user: str, channel: str, ts: str = "", thread_ts: str = "") -> str:
        """A new address for answers to an interaction: half an hour, five times."""
        id = f"r{next(self._number)}"
        until = self.now_s() + 1800
        self._urls[id] = _ResponseUrl(user, channel, ts, thread_ts, until)
        return f"/response/{id}"

    def used(self, id: str) -> _ResponseUrl | None:
        """The interaction answered; None when there is no such address, or no longer."""
        url = self._urls.get(id)
        if url is None or url.left == 0 or url.until < self.now_s():
            return None
        url.left -= 1
        return url
