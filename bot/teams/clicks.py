"""What people press on cards, and what the card shows them then."""

from collections.abc import Mapping
from typing import Any

from approvals.principals import PrincipalId
from bot.render.adaptive import pressed
from bot.render.pressed import REFRESH, SAY, Pressed
from bot.teams.activity import Activity
from bot.teams.adapter import Heard
from bot.teams.drawing import ADAPTIVE, Drawing
from bot.teams.people import People
from bot.teams.references import References, reference_of, thread_of
from bot.teams.speech import Speech, event_of
from orchestration.errors import UserError
from orchestration.messages import Clicked
from orchestration.ports import Clock
from orchestration.service import Service

_MESSAGE = "application/vnd.microsoft.activity.message"


class Clicks:
    def __init__(
        self, people: People, references: References, speech: Speech, drawing: Drawing, clock: Clock
    ) -> None:
        self._people = people
        self._references = references
        self._speech = speech
        self._drawing = drawing
        self._clock = clock

    async def executed(self, service: Service, activity: Activity) -> Heard:
        """Of an Action.Execute: the card as it is now, for who pressed.

        Raises: UserError - it is no card of ours, or nobody whom we know.
        """
        person = await self._people.person(activity)
        press = pressed((activity.value or {}).get("action"))
        problem = ""
        try:
            await self._receive(service, activity, press, person.id)
        except UserError as error:
            problem = str(error)
        body = await self._answer(service, activity, press, person.id, problem)
        return Heard(body=body, problem=problem)

    async def submitted(self, service: Service, activity: Activity) -> Heard:
        """Of an Action.Submit, from a client that knows no other: nothing can be given back.

        Raises: UserError - as above, or it cannot be done.
        """
        person = await self._people.person(activity)
        await self._receive(service, activity, pressed(activity.value), person.id)
        return Heard()

    async def _answer(
        self, service: Service, activity: Activity, press: Pressed, by: PrincipalId, problem: str
    ) -> Mapping[str, Any]:
        if not press.card:
            return message_answer(problem or f"You chose: {press.data.get('text', press.verb)}")
        try:
            card = await service.card(press.card)
        except UserError as error:
            return message_answer(problem or str(error))
        filled = press.inputs if problem else {}
        at = reference_of(activity, by)
        drawn = await self._drawing.card(card, at, by, filled=filled, problem=problem)
        return {"statusCode": 200, "type": ADAPTIVE, "value": drawn}

    async def _receive(
        self, service: Service, activity: Activity, press: Pressed, by: PrincipalId
    ) -> None:
        """Raises: UserError - it cannot be done; nothing was stored."""
        if press.verb == REFRESH:
            return
        if press.verb == SAY:
            await self._speech.receive(service, activity, by, press.data.get("text", ""))
            return
        thread = thread_of(activity)
        await self._references.remember(thread, reference_of(activity, by))
        now, event = self._clock.now(), event_of(activity)
        await service.receive(Clicked(event, thread, by, press.verb, now, press.data, press.inputs))


def message_answer(text: str) -> Mapping[str, Any]:
    """A line that only who pressed gets to read."""
    return {"statusCode": 200, "type": _MESSAGE, "value": text}
