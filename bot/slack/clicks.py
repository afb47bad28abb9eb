"""Buttons: what is pressed is received, what asks for more opens a form."""

from collections.abc import Mapping
from typing import Any

from bot.render import blocks
from bot.render.pressed import REFRESH, SAY, Pressed
from bot.slack.api import Api
from bot.slack.background import Background
from bot.slack.bodies import BlockActions
from bot.slack.home import Home
from bot.slack.people import People
from bot.slack.spot import SCHEME, Spot, is_spot
from bot.slack.talk import Here
from bot.slack.telling import Telling
from bot.slack.web_api import Refused
from orchestration.errors import TemporaryError, UserError
from orchestration.messages import Clicked, EventId, Said, ThreadId
from orchestration.ports import Clock, DeploymentId
from orchestration.service import Service

_OPENED_WITHIN_S = 2.5
"""A trigger_id lives for three seconds. Source: Slack, views.open."""
_TOO_LATE = "The form could not be opened in time; please press the button again."


class Clicks:
    """Every click gets an answer. What it means is in the button's value; where the button is,
    e.g. in a forwarded copy, only says where to answer."""

    def __init__(
        self,
        service: Service,
        people: People,
        api: Api,
        telling: Telling,
        home: Home,
        background: Background,
        clock: Clock,
    ) -> None:
        self._service = service
        self._people = people
        self._api = api
        self._telling = telling
        self._home = home
        self._background = background
        self._clock = clock

    async def pressed(self, here: Here, body: BlockActions) -> None:
        """Raises: TemporaryError - it is not recorded; the person knows."""
        spot = spot_of_click(here, body)
        try:
            for action in body.actions:
                if "value" in action:  # a button that is a link says nothing
                    await self._one(here, spot, body, action)
        except Exception as error:
            telling = self._telling.failed(
                spot, body.user.id, error, response_url=body.response_url
            )
            self._background.start(telling)
            if isinstance(error, TemporaryError):
                raise

    async def received(
        self, here: Here, spot: Spot, user: str, pressed: Pressed, event: EventId
    ) -> None:
        """Raises: UserError - the person may not, or it is about nothing; TemporaryError."""
        by = await self._people.known(here.team, user)
        thread, now = await self._thread(spot, pressed), self._clock.now()
        if pressed.verb == SAY:
            said = Said(event, thread, by.id, pressed.data.get("text", ""), now)
            await self._service.receive(said)
            return
        await self._service.receive(
            Clicked(event, thread, by.id, pressed.verb, now, pressed.data, pressed.inputs)
        )
        self._home.refresh(here.team, user)

    async def _one(
        self, here: Here, spot: Spot, body: BlockActions, action: Mapping[str, Any]
    ) -> None:
        if blocks.form(action):
            await self._open(here, spot, body, action)
            return
        pressed = blocks.pressed(action)
        if pressed.verb == REFRESH:
            return
        event = event_of(here, body, action)
        await self.received(here, spot, body.user.id, pressed, event)
        if pressed.verb == SAY and body.message.ts and not body.container.is_ephemeral:
            chosen = self._telling.chosen(spot, body, pressed.data.get("text", ""))
            self._background.start(chosen)

    async def _open(
        self, here: Here, spot: Spot, body: BlockActions, action: Mapping[str, Any]
    ) -> None:
        """Nothing is read before: the trigger lives shortly. Raises: UserError - it is too late."""
        view = blocks.modal(action)
        view["callback_id"] = with_thread(view["callback_id"], spot)
        try:
            await self._api.ask(
                here.team,
                lambda client: client.views_open(trigger_id=body.trigger_id, view=view),
                timeout_s=_OPENED_WITHIN_S,
            )
        except (Refused, TemporaryError) as error:
            raise UserError(_TOO_LATE) from error

    async def _thread(self, spot: Spot, pressed: Pressed) -> ThreadId:
        """The thread of what the button is about; where it is pressed if it says nothing."""
        drafted = pressed.data.get("draft", "").rpartition(":")[0]
        if drafted.startswith(f"{SCHEME}:{spot.team}/") and is_spot(drafted):
            return ThreadId(drafted)
        deployment = pressed.data.get("deployment")
        if not deployment or await self._service.knows(spot.thread):
            return spot.thread
        return await self._service.thread_of(DeploymentId(deployment)) or spot.thread


def spot_of_click(here: Here, body: BlockActions) -> Spot:
    at, shown = body.container, body.message
    ts = at.thread_ts or shown.thread_ts
    if at.channel_id.startswith("D"):
        return Spot(here.team, at.channel_id, ts)
    return Spot(here.team, at.channel_id, ts or at.message_ts or shown.ts)


def event_of(here: Here, body: BlockActions, action: Mapping[str, Any]) -> EventId:
    """One press of one button."""
    own = f"{action.get('action_ts', '')}/{body.user.id}/{body.container.message_ts}"
    which = f"{body.trigger_id or own}/{action.get('action_id', '')}"
    return EventId(f"slack:{here.team}:{which}")


def with_thread(callback_id: str, spot: Spot) -> str:
    """Where the form was opened travels with it; the value of the button says what it is about."""
    return f"{callback_id}|{spot.thread}"
