"""Where a script is played: a far side with its people, seen the same way whichever it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from orchestration.messages import ThreadId
from tests.far.reading import Pressable, Reading


@dataclass(frozen=True, slots=True)
class Words:
    """Something said in a thread, to one person alone if `to` is set."""

    thread: str
    text: str
    to: str | None = None
    choices: tuple[Pressable, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A version of a card in a thread; `message` is where it is."""

    thread: str
    message: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Announced:
    """Something said in the results channel."""

    text: str


Seen: TypeAlias = Words | Drawn | Announced


class Stage(Protocol):
    def settings(self) -> Mapping[str, object]:
        """What the bot has to be told to live there."""
        ...

    def meet(self, bot_url: str) -> None:
        """Deliver there from now on."""
        ...

    def thread_id(self, name: str) -> ThreadId | None:
        """None before anything was said in the thread."""
        ...

    async def say(self, thread: str, by: str, text: str) -> None: ...

    async def press(
        self, thread: str, by: str, message: str, button: Pressable, inputs: Mapping[str, str]
    ) -> int:
        """Press it; the HTTP status of the bot's answer, 0 when there was none in time."""
        ...

    async def look(self) -> Sequence[Seen]:
        """What appeared since the last look, in order."""
        ...
