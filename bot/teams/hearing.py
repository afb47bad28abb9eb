"""What an activity is about, and who in here answers it."""

from bot.failures import told
from bot.teams.activity import Activity
from bot.teams.adapter import Heard
from bot.teams.clicks import Clicks, message_answer
from bot.teams.greetings import Greetings
from bot.teams.speech import Speech
from orchestration.errors import TemporaryError
from orchestration.service import Service

_DOING = "taking what you sent"
_EXECUTED = "adaptiveCard/action"


class Hearing:
    def __init__(self, speech: Speech, clicks: Clicks, greetings: Greetings) -> None:
        self._speech = speech
        self._clicks = clicks
        self._greetings = greetings

    async def hear(self, service: Service, activity: Activity) -> Heard:
        """Every invoke gets an answer in words; what is temporary about a message is raised, so
        that Teams sends it again.

        Raises: TemporaryError - nothing was stored.
        """
        invoked = activity.kind == "invoke"
        try:
            return await self._heard(service, activity)
        except Exception as error:
            if isinstance(error, TemporaryError) and not invoked:
                raise
            sentence = told(error, doing=_DOING, tried_again=False)
            return Heard(body=message_answer(sentence)) if invoked else Heard((sentence,))

    async def _heard(self, service: Service, activity: Activity) -> Heard:
        """Reactions, people who join, read receipts and the like are nothing to us."""
        match activity.kind:
            case "message" if activity.value is not None and not activity.text:
                return await self._clicks.submitted(service, activity)
            case "message":
                return await self._speech.heard(service, activity)
            case "invoke" if activity.name == _EXECUTED:
                return await self._clicks.executed(service, activity)
            case "invoke":
                return Heard(status=400)
            case "installationUpdate":
                return await self._greetings.installed(activity)
            case _:
                return Heard()
