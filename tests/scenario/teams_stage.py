"""Scripts played in Teams: in threads of a channel, in a group chat, in a personal chat.

Everybody sees the same message and their own buttons on it: the buttons of a card here are those
that anybody concerned sees, each with who sees it. Who presses one that they cannot see presses a
forwarded copy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from orchestration.messages import ThreadId
from tests.far.reading import Pressable, Reading
from tests.far.teams.adaptive import Action, card_of
from tests.far.teams.far import TeamsFarSide
from tests.far.teams.person import Answer, Person
from tests.far.teams.reading import choice, read, read_card
from tests.far.teams.rooms import Message, Room, Shown
from tests.scenario.stage import Announced, Drawn, Seen, Words

_PERSONAL = "budget"
"""The thread that is a personal chat; only one person speaks in it."""
_GROUP = "corrections"
_NOT_DONE = "Not done: "


class TeamsStage:
    """Satisfies `Stage`."""

    def __init__(self, far: TeamsFarSide) -> None:
        self.far = far
        self._rooms: dict[str, tuple[Room, str]] = {}
        """Of each thread its conversation and root message."""
        self._looked = 0
        self._told: list[Seen] = []

    def settings(self) -> Mapping[str, object]:
        return self.far.settings()

    def meet(self, bot_url: str) -> None:
        self.far.bot_url = bot_url

    def thread_id(self, name: str) -> ThreadId | None:
        if name not in self._rooms:
            return None
        room, root = self._rooms[name]
        return ThreadId(
            f"teams:{self.far.tenant}/{room.id}" + (f";messageid={root}" if root else "")
        )

    async def say(self, thread: str, by: str, text: str) -> None:
        person = self.far.people[by]
        if thread not in self._rooms:
            room = self._room(thread, person)
            self._rooms[thread] = (room, "")
            said = await person.says(room, text)
            self._rooms[thread] = (room, said.thread)
        else:
            room, root = self._rooms[thread]
            await person.says(room, text, thread=root)

    def _room(self, thread: str, first: Person) -> Room:
        if thread == _PERSONAL:
            return self.far.rooms.open("personal", first.member)
        kind = "groupChat" if thread == _GROUP else "channel"
        return self.far.rooms.open(kind, *self.far.everybody())

    async def press(
        self, thread: str, by: str, message: str, button: Pressable, inputs: Mapping[str, str]
    ) -> int:
        person, (room, _) = self.far.people[by], self._rooms[thread]
        if not isinstance(button.element, Action):  # a suggested action says what is on it
            await self.say(thread, by, button.label)
            return 200
        pressed = room.messages[message]
        if button.seen_by is not None and by not in button.seen_by:
            pressed = self._forwarded(room, pressed, sorted(button.seen_by)[0])
        answer = await person.clicks(room, pressed, button.element, inputs)
        self._told += [Words(thread, text, to=by) for text in _refusals(answer)]
        return answer.status

    def _forwarded(self, room: Room, message: Message, by: str) -> Message:
        """A copy that somebody who sees the button has put into the conversation."""
        address = self.far.people[by].member.address
        return self.far.rooms.post(room, message.thread, address, message.newest)

    async def look(self) -> Sequence[Seen]:
        new = self.far.rooms.shown[self._looked :]
        self._looked += len(new)
        newest = {shown.message.id: shown.version for shown in new}
        seen: list[Seen] = []
        for shown in new:
            if shown.message.by != self.far.rooms.bot:
                continue
            is_newest = newest[shown.message.id] == shown.version
            seen.append(await self._seen(shown, is_newest=is_newest))
        told, self._told = self._told, []
        return [*seen, *told]

    async def _seen(self, shown: Shown, *, is_newest: bool) -> Seen:
        reading = read(shown.activity)
        if shown.conversation.startswith(self.far.results.id):
            return Announced("\n".join(reading.lines))
        thread = next(name for name in self._rooms if self._is_in(name, shown))
        choices = tuple(b for b in reading.buttons if choice(b.element))
        if _is_card(shown, reading):
            reading = await self._with_all_buttons(thread, shown, reading) if is_newest else reading
            return Drawn(thread, shown.message.id, reading)
        text, to = _addressed(reading, set(self.far.people))
        return Words(thread, text, to, choices, shown.message.id)

    def _is_in(self, thread: str, shown: Shown) -> bool:
        return shown.conversation == self._conversation(thread)

    def _conversation(self, thread: str) -> str:
        room, root = self._rooms[thread]
        return room.id + (f";messageid={root}" if root else "")

    async def _with_all_buttons(self, thread: str, shown: Shown, reading: Reading) -> Reading:
        """With the buttons that clients fetch by themselves for those whom the card names, and
        with those that the others get when they press what it has for that."""
        card, room = card_of(shown.activity) or {}, self._rooms[thread][0]
        addresses = (card.get("refresh") or {}).get("userIds") or ()
        own: dict[str, Reading] = {}
        for name, person in self.far.people.items():
            by_itself = person.member.address in addresses
            asked = person.refreshed if by_itself else person.shows_own
            if (drawn := await asked(room, shown.message, card)) is not None:
                own[name] = read_card(drawn)
        return replace(reading, buttons=_united(reading, own))


def _united(everybody: Reading, own: Mapping[str, Reading]) -> tuple[Pressable, ...]:
    """All that anybody sees, in the order of whoever sees most of it."""
    shared = {_key(button) for button in everybody.buttons}
    fullest = sorted(own.values(), key=lambda reading: -len(reading.buttons))
    found: dict[tuple[str, str], Pressable] = {}
    for reading in [*fullest, everybody]:
        for button in reading.buttons:
            if _key(button) not in found:
                names = {n for n, r in own.items() if _key(button) in map(_key, r.buttons)}
                seen_by = None if _key(button) in shared else frozenset(names)
                found[_key(button)] = replace(button, seen_by=seen_by)
    return tuple(found.values())


def _key(button: Pressable) -> tuple[str, str]:
    return button.label, repr(button.element.data)


def _is_card(shown: Shown, reading: Reading) -> bool:
    card = card_of(shown.activity) or {}
    first = next(iter(card.get("body") or ()), {})
    lead = next(iter(first.get("items") or ()), first)
    return bool(reading.about) or lead.get("style") == "heading"


def _addressed(reading: Reading, people: set[str]) -> tuple[str, str | None]:
    """What was said, and to whom when it calls exactly one person by name at its start."""
    text = "\n".join(reading.lines)
    match reading.calls:
        case (name,) if name in people:
            for start in (f"{name} ", f"{name}: ", f"{name}, ", f"For: {name}\n", f"For {name}\n"):
                if text.startswith(start):
                    return text.removeprefix(start), name
    return text, None


def _refusals(answer: Answer) -> list[str]:
    """What the client shows to the person who pressed, besides the card."""
    found = [text for text in (answer.message, answer.error) if text]
    if answer.card is not None:
        lines = read_card(answer.card).lines
        found += [line.removeprefix(_NOT_DONE) for line in lines if line.startswith(_NOT_DONE)]
    if answer.status != 200:
        found.append(f"HTTP {answer.status}")
    return found
