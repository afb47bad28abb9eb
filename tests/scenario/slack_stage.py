"""Scripts played in Slack: in threads of a channel, or in direct messages."""

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.messages import ThreadId
from tests.far.reading import Pressable
from tests.far.slack.far import SlackFarSide
from tests.far.slack.person import Person
from tests.far.slack.reading import choice, read
from tests.far.slack.workspace import Ephemeral, Opened, Shown
from tests.scenario.stage import Announced, Drawn, Seen, Words

_DIRECT = "budget"
"""The thread that is in direct messages; only one person speaks in it."""


class SlackStage:
    """Satisfies `Stage`."""

    def __init__(self, far: SlackFarSide) -> None:
        self.far = far
        self._places: dict[str, tuple[str, str]] = {}
        """Of each thread its channel and root message, which is "" in direct messages."""
        self._looked = 0
        self._cards: set[str] = set()
        self._told: list[Seen] = []
        self._names = {person.id: name for name, person in far.people.items()}

    def settings(self) -> Mapping[str, object]:
        return self.far.settings()

    def meet(self, bot_url: str) -> None:
        self.far.delivery.bot_url = bot_url

    def thread_id(self, name: str) -> ThreadId | None:
        if name not in self._places:
            return None
        channel, root = self._places[name]
        return ThreadId(f"slack:{self.far.team}/{channel}/{root or 'dm'}")

    async def say(self, thread: str, by: str, text: str) -> None:
        person = self.far.people[by]
        if thread == _DIRECT:
            self._places[thread] = (await person.direct(), "")
            await person.writes(text)
        elif thread in self._places:
            channel, root = self._places[thread]
            await person.says(channel, text, thread_ts=root)
        else:
            channel = await self.far.channel(f"channel-{thread}")
            self._places[thread] = (channel, await person.mentions(channel, text))
        await self.far.quiet()

    async def press(
        self, thread: str, by: str, message: str, button: Pressable, inputs: Mapping[str, str]
    ) -> int:
        person, channel = self.far.people[by], self._places[thread][0]
        shown = next(
            one.message
            for one in reversed(self.far.workspace.shown)
            if (one.channel, one.ts) == (channel, message)
        )
        press = await person.clicks(channel, shown, button.element, opens=button.asks)
        if press.modal is not None:
            await self._submit(thread, person, press.modal, inputs)
        return press.answer.status

    async def _submit(
        self, thread: str, person: Person, modal: Mapping[str, Any], inputs: Mapping[str, str]
    ) -> None:
        """What a client would not send without what is required is sent all the same, as if it
        did not know of the fields: Signoff has to refuse it by itself."""
        fields = [b for b in modal["blocks"] if b["type"] == "input" and b["block_id"] in inputs]
        answer = await person.submits({**modal, "blocks": fields}, inputs)
        assert answer.status == 200, answer
        body = answer.body if isinstance(answer.body, dict) else {}
        for text in (body.get("errors") or {}).values():
            self._told.append(Words(thread, text, to=person.name))

    async def look(self) -> Sequence[Seen]:
        await self.far.quiet()
        new = self.far.workspace.seen[self._looked :]
        self._looked += len(new)
        seen = [made for one in new if (made := self._seen(one))]
        told, self._told = self._told, []
        return [*seen, *told]

    def _seen(self, one: Shown | Ephemeral | Opened) -> Seen | None:
        if isinstance(one, Opened):
            return None
        reading = read(one.message, self._names)
        if one.channel == self.far.results:
            return Announced("\n".join(reading.lines))
        thread = next(name for name, place in self._places.items() if place[0] == one.channel)
        to = self._names[one.user] if isinstance(one, Ephemeral) else None
        if isinstance(one, Shown):
            if one.version == 1 and (reading.about or _is_headed(one.message)):
                self._cards.add(one.ts)
            if one.ts in self._cards:
                return Drawn(thread, one.ts, reading)
            if one.version > 1:
                return None  # a choice was put in the place of the buttons
        choices = tuple(b for b in reading.buttons if choice(b.element))
        ts = one.ts if isinstance(one, Shown) else ""
        return Words(thread, "\n".join(reading.lines), to, choices, ts)


def _is_headed(message: Mapping[str, Any]) -> bool:
    """Whether its first line is a headline, as only cards have them."""
    blocks = message.get("blocks") or [{}]
    said = str((blocks[0].get("text") or {}).get("text", ""))
    return blocks[0].get("type") == "section" and said.startswith("*")
