"""What an activity is about, and who in here answers it."""

from bot.teams.activity import Activity
from bot.teams.adapter import Heard
from bot.teams.clicks import Clicks
from bot.teams.greetings import Greetings
from bot.teams.speech import Speech
from orchestration.service import Service

_EXECUTED = "adaptiveCard/action"


class Hearing:
    def __init__(self, speech: Speech, clicks: Clicks, greetings: Greetings) -> None:
        self._speech = speech
        self._clicks = clicks
        self._greetings = greetings

    async def hear(self, service: Service, activity: Activity) -> Heard:
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
