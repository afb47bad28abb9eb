"""What an activity is about, and who in here answers it."""

import asyncio
import logging

from bot.failures import told
from bot.teams.activity import Activity
from bot.teams.adapter import Heard, Say
from bot.teams.clicks import Clicks, message_answer
from bot.teams.greetings import Greetings
from bot.teams.speech import Speech
from orchestration.errors import TemporaryError
from orchestration.service import Service

_IN_TIME_S = 8.0
"""Teams waits 10 to 15 seconds, then sends the click again and shows an error."""
_MESSAGE_IN_TIME_S = 12.0
"""For a message it waits 15 seconds; a refusal that comes later tells nobody anything."""
_LATER = "This takes longer than usual; I am on it, and the card changes when it is done."
_DOING = "taking what you sent"
_EXECUTED = "adaptiveCard/action"
_log = logging.getLogger(__name__)


class Hearing:
    def __init__(self, speech: Speech, clicks: Clicks, greetings: Greetings, say: Say) -> None:
        """`say` is for what is too late to be an answer."""
        self._speech = speech
        self._clicks = clicks
        self._greetings = greetings
        self._say = say
        self._late: set[asyncio.Task[Heard]] = set()

    async def hear(self, service: Service, activity: Activity) -> Heard:
        """Every invoke gets an answer in words; what is temporary about a message is raised, so
        that Teams says so or sends it again: a repeat of what was stored after all is a no-op.

        Raises: TemporaryError - it is not known to be stored.
        """
        if activity.kind == "invoke":
            return await self._in_time(service, activity)
        task = self._kept(service, activity)
        await asyncio.wait([task], timeout=_MESSAGE_IN_TIME_S)
        if not task.done():
            task.add_done_callback(lambda late: _failed_late(activity, late))
            raise TemporaryError(f"{_DOING}: over {_MESSAGE_IN_TIME_S:g} s")
        try:
            return task.result()
        except TemporaryError:
            raise
        except Exception as error:
            return Heard((told(error, doing=_DOING),))

    async def _in_time(self, service: Service, activity: Activity) -> Heard:
        """What takes longer than Teams waits goes on; its outcome shows on the card later."""
        task = self._kept(service, activity)
        await asyncio.wait([task], timeout=_IN_TIME_S)
        if not task.done():
            task.add_done_callback(lambda late: self._failed(activity, late))
            return Heard(body=message_answer(_LATER))
        try:
            return task.result()
        except Exception as error:
            sentence = told(error, doing=_DOING, tried_again=False)
            return Heard(body=message_answer(sentence))

    def _kept(self, service: Service, activity: Activity) -> asyncio.Task[Heard]:
        """Goes on whatever becomes of who waits for it."""
        task = asyncio.create_task(self._heard(service, activity))
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return task

    async def drain(self, timeout_s: float) -> None:
        """Wait for what was answered before it was done: Teams does not send it again."""
        if self._late:
            await asyncio.wait(self._late, timeout=timeout_s)

    def _failed(self, activity: Activity, late: asyncio.Task[Heard]) -> None:
        """Nobody waits for an answer any more, and the person was told that it goes on."""
        if late.cancelled():
            return
        error = late.exception()
        sentence = told(error, doing=_DOING, tried_again=False) if error else late.result().problem
        if sentence:
            self._say(activity, f"{activity.by.name or 'Sorry'}: {sentence}")

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


def _failed_late(activity: Activity, late: asyncio.Task[Heard]) -> None:
    """Teams was told that it is not stored, and says so to the person."""
    if not late.cancelled() and (error := late.exception()):
        fields = {"activity": activity.id}
        _log.warning("activity_failed_late", extra={"fields": fields}, exc_info=error)
