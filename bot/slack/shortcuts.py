"""Shortcuts: a form for a request from anywhere, and a message taken as the request."""

from collections.abc import Mapping
from typing import Any

from bot.slack import mrkdwn
from bot.slack.api import Api
from bot.slack.background import Background
from bot.slack.bodies import MessageShortcut, Shortcut, ViewSubmission
from bot.slack.forms import Errors, answer, empty_fields, under, under_first
from bot.slack.opening import Opening
from bot.slack.people import People
from bot.slack.registration import REQUEST_SHORTCUT
from bot.slack.spot import Spot
from bot.slack.talk import Here, Talk
from bot.slack.telling import Telling
from bot.slack.web_api import Refused
from capabilities.capability import Catalogue
from orchestration.errors import TemporaryError
from orchestration.messages import EventId

_OPENED_WITHIN_S = 2.5
_TOO_LATE = "The form could not be opened in time; please use the shortcut again."
_CAPABILITY, _WHAT, _WHERE = "capability", "what", "where"
_LONGEST = 900
"""The embedded planner reads 1,000 characters."""


class Shortcuts:
    def __init__(
        self,
        people: People,
        api: Api,
        opening: Opening,
        talk: Talk,
        telling: Telling,
        background: Background,
        catalogue: Catalogue,
    ) -> None:
        self._people = people
        self._api = api
        self._opening = opening
        self._talk = talk
        self._telling = telling
        self._background = background
        self._catalogue = catalogue

    async def asked_for(self, here: Here, body: Shortcut) -> None:
        """Open the form, or tell the person that it was too late."""
        view = request_form(self._catalogue)
        try:
            await self._api.ask(
                here.team,
                lambda client: client.views_open(trigger_id=body.trigger_id, view=view),
                timeout_s=_OPENED_WITHIN_S,
            )
        except (Refused, TemporaryError):
            nowhere = Spot(here.team, "", "")
            self._background.start(self._telling.tell(nowhere, body.user.id, _TOO_LATE))

    async def submitted(self, here: Here, body: ViewSubmission) -> Errors:
        """What keeps the form open."""
        if left := empty_fields(body.view):
            return dict.fromkeys(left, "Please fill this in.")
        filled = {each.block_id: answer(body.view, each) for each in body.view.blocks}
        event = EventId(f"slack:{here.team}:{body.trigger_id}")
        try:
            by = await self._people.known(here.team, body.user.id)
        except Exception as error:
            return under_first(body.view, error)
        text, channel = request_text(self._catalogue, filled), filled.get(_WHERE, "")
        try:
            await self._opening.open(here, channel, body.user.id, by.id, text, event)
        except Exception as error:
            return under(_WHERE, error)
        return {}

    async def taken(self, here: Here, body: MessageShortcut) -> None:
        """Take a message as the request of whoever used the shortcut, in the message's thread.

        Raises: TemporaryError - it is not kept; the person knows.
        """
        message, user = body.message, body.user.id
        root = message.thread_ts or ("" if body.channel.id.startswith("D") else message.ts)
        spot = Spot(here.team, body.channel.id, root)
        try:
            await self._people.known(here.team, user)
            note = f"{mrkdwn.mention(user)} asks me to take this as a request."
            await self._opening.say(Spot(here.team, body.channel.id, message.ts), note)
            await self._talk.receive(here, spot, message, user)
        except Exception as error:
            self._background.start(
                self._telling.failed(spot, user, error, response_url=body.response_url)
            )


def request_form(catalogue: Catalogue) -> dict[str, Any]:
    """What, of which kind, and in which channel."""
    kinds = [_option(each.title, id) for id, each in catalogue.capabilities.items()]
    return {
        "type": "modal",
        "callback_id": REQUEST_SHORTCUT,
        "title": _plain("Ask for something"),
        "submit": _plain("Ask"),
        "close": _plain("Cancel"),
        "blocks": [
            _input(_CAPABILITY, "Kind", {"type": "static_select", "options": kinds}, optional=True),
            _input(
                _WHAT,
                "What you need, for whom and where",
                {"type": "plain_text_input", "multiline": True, "max_length": _LONGEST},
            ),
            _input(
                _WHERE,
                "Channel for the conversation",
                {
                    "type": "conversations_select",
                    "default_to_current_conversation": True,
                    "filter": {"include": ["public", "private", "mpim"], "exclude_bot_users": True},
                },
            ),
        ],
    }


def request_text(catalogue: Catalogue, filled: Mapping[str, str]) -> str:
    """The form as a sentence that a person could have written."""
    kind = filled.get(_CAPABILITY, "")
    title = catalogue[kind].title if kind in catalogue else ""
    said = filled.get(_WHAT, "").strip()
    return f"{title}: {said}" if title else said


def _input(name: str, label: str, element: dict[str, Any], *, optional: bool = False) -> Any:
    return {
        "type": "input",
        "block_id": name,
        "optional": optional,
        "label": _plain(label),
        "element": {**element, "action_id": "answer"},
    }


def _option(title: str, id: str) -> dict[str, Any]:
    return {"text": _plain(title[:75]), "value": id}


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}
