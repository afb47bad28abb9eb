"""A thread as those in it have it, in Teams or Slack: what it shows, and what can be done in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestration.messages import ThreadId
from tests.far.reading import Reading
from tests.far.slack import reading as slack_reading
from tests.far.slack.far import SlackFarSide
from tests.far.slack.workspace import Shown
from tests.far.teams.adaptive import Action, actions
from tests.far.teams.far import TeamsFarSide
from tests.far.teams.reading import read
from tests.far.teams.rooms import Message


@dataclass(frozen=True, slots=True)
class Post:
    """A message of the bot as it is now, and as it was at first."""

    id: str
    reading: Reading
    born: Reading

    @property
    def at_s(self) -> float:
        """When it was posted, as its vendor's ids say it: milliseconds, or seconds."""
        return float(self.id) if "." in self.id else float(self.id) / 1000

    @property
    def text(self) -> str:
        return "\n".join(self.reading.lines)


class Talk(Protocol):
    surface: str
    said: list[str]
    """In the order in which it was delivered."""

    @property
    def thread(self) -> ThreadId: ...

    async def says(self, by: str, text: str) -> None:
        """Delivered again until it is taken, for as long as the vendor does that."""
        ...

    def posts(self) -> Sequence[Post]: ...

    async def press(self, by: str, post: Post, label: str, inputs: Mapping[str, str]) -> bool:
        """Whether the bot took it; False too when the person sees no such button."""
        ...


class TeamsTalk:
    surface = "teams"

    def __init__(self, far: TeamsFarSide) -> None:
        self.said: list[str] = []
        self._far = far
        self._room = far.rooms.open("channel", *far.everybody())
        self._root = ""
        self._read: dict[str, tuple[int, Post]] = {}

    @property
    def thread(self) -> ThreadId:
        return ThreadId(f"teams:{self._far.tenant}/{self._room.id};messageid={self._root}")

    async def says(self, by: str, text: str) -> None:
        person = self._far.people[by]
        self.said.append(text)
        said = await person.says(self._room, text, thread=self._root)
        self._root = self._root or said.thread

    def posts(self) -> Sequence[Post]:
        bot = self._far.rooms.bot
        return [self._post(m) for m in self._room.messages.values() if m.by == bot]

    def _post(self, message: Message) -> Post:
        known = self._read.get(message.id)
        if known is None or known[0] != len(message.versions):
            known = len(message.versions), _in_teams(message)
            self._read[message.id] = known
        return known[1]

    async def press(self, by: str, post: Post, label: str, inputs: Mapping[str, str]) -> bool:
        person, message = self._far.people[by], self._room.messages[post.id]
        action = await self._action(by, message, label)
        if action is None:
            return False
        return (await person.clicks(self._room, message, action, inputs)).status == 200

    async def _action(self, by: str, message: Message, label: str) -> Action | None:
        """Of the card that is drawn for this person, who may have to ask for it."""
        person = self._far.people[by]
        card = await person.sees(self._room, message)
        for drawn in (card, card and await person.shows_own(self._room, message, card)):
            for action in actions(drawn) if drawn else ():
                if action.title == label and action.kind == "Action.Execute":
                    return action
        return None


class SlackTalk:
    surface = "slack"

    def __init__(self, far: SlackFarSide, screen: "SlackScreen", channel: str) -> None:
        self.said: list[str] = []
        self._far = far
        self._screen = screen
        self._channel = channel
        self._root = ""

    @property
    def thread(self) -> ThreadId:
        return ThreadId(f"slack:{self._far.team}/{self._channel}/{self._root}")

    async def says(self, by: str, text: str) -> None:
        person = self._far.people[by]
        self.said.append(text)
        if self._root:
            await person.says(self._channel, text, thread_ts=self._root)
        else:
            self._root = await person.mentions(self._channel, text)

    def posts(self) -> Sequence[Post]:
        return self._screen.posts(self._channel)

    async def press(self, by: str, post: Post, label: str, inputs: Mapping[str, str]) -> bool:
        person = self._far.people[by]
        button = next((b for b in post.reading.buttons if b.label == label), None)
        if button is None:
            return False
        shown = self._screen.newest(self._channel, post.id)
        press = await person.clicks(self._channel, shown.message, button.element, opens=button.asks)
        if button.asks:
            if press.modal is None:
                return False
            return (await person.submits(press.modal, inputs)).status == 200
        return press.answer.status == 200


class SlackScreen:
    """The newest version of each message, channel by channel."""

    def __init__(self, far: SlackFarSide) -> None:
        self._far = far
        self._names = {person.id: name for name, person in far.people.items()}
        self._seen = 0
        self._newest: dict[str, dict[str, Shown]] = {}
        self._born: dict[tuple[str, str], Reading] = {}
        self._read: dict[str, tuple[int, Post]] = {}

    async def talk(self, name: str) -> SlackTalk:
        return SlackTalk(self._far, self, await self._far.channel(name))

    def newest(self, channel: str, ts: str) -> Shown:
        return self._newest[channel][ts]

    def posts(self, channel: str) -> Sequence[Post]:
        for one in self._far.workspace.seen[self._seen :]:
            if isinstance(one, Shown):
                self._newest.setdefault(one.channel, {})[one.ts] = one
                if one.version == 1:
                    self._born[one.channel, one.ts] = slack_reading.read(one.message, self._names)
        self._seen = len(self._far.workspace.seen)
        return [self._post(shown) for shown in self._newest.get(channel, {}).values()]

    def results(self) -> Sequence[Post]:
        return self.posts(self._far.results)

    def _post(self, shown: Shown) -> Post:
        id = f"{shown.channel}/{shown.ts}"
        known = self._read.get(id)
        if known is None or known[0] != shown.version:
            reading = slack_reading.read(shown.message, self._names)
            born = self._born[shown.channel, shown.ts]
            known = shown.version, Post(shown.ts, reading, born)
            self._read[id] = known
        return known[1]


def _in_teams(message: Message) -> Post:
    return Post(message.id, read(message.newest), read(message.versions[0]))


def results(teams: TeamsFarSide, screen: SlackScreen) -> Mapping[str, Sequence[Post]]:
    """What was told in the results channels, by surface."""
    told = [m for m in teams.results.messages.values() if m.by == teams.rooms.bot]
    return {"teams": list(map(_in_teams, told)), "slack": screen.results()}
