"""Forms that are submitted: what was typed stays until it is good."""

from collections.abc import Mapping

from bot.failures import told
from bot.render import blocks
from bot.slack.bodies import FormBlock, View, ViewSubmission
from bot.slack.clicks import Clicks
from bot.slack.spot import Spot, spot_of
from bot.slack.talk import Here
from orchestration.errors import PermanentError
from orchestration.messages import EventId, ThreadId

Errors = Mapping[str, str]
"""What is wrong, by the block it is shown under; nothing when the form is done."""

_EMPTY = "Please fill this in."
_LONGEST = 1000


class Forms:
    def __init__(self, clicks: Clicks) -> None:
        self._clicks = clicks

    async def submitted(self, here: Here, body: ViewSubmission) -> Errors:
        """What keeps the form open. Whatever goes wrong is said in the form: closing it would
        throw away what was typed."""
        callback_id, _, thread = body.view.callback_id.partition("|")
        if left := empty_fields(body.view):
            return dict.fromkeys(left, _EMPTY)
        try:
            sent = body.view.model_dump() | {"callback_id": callback_id}
            pressed = blocks.submitted(sent)
            spot = _spot(here, thread)
            event = EventId(f"slack:{here.team}:{body.trigger_id}/{pressed.verb}")
            await self._clicks.received(here, spot, body.user.id, pressed, event)
        except Exception as error:
            return under_first(body.view, error)
        return {}


def under_first(view: View, error: BaseException) -> Errors:
    """The sentence under the form's first field."""
    return under(next((block.block_id for block in _inputs(view)), ""), error)


def under(block: str, error: BaseException) -> Errors:
    return {block: told(error, doing="answering you", tried_again=False)[:_LONGEST]}


def empty_fields(view: View) -> list[str]:
    """The required fields that have nothing but blanks; Slack lets those pass."""
    required = (block for block in _inputs(view) if not block.optional)
    return [block.block_id for block in required if not answer(view, block).strip()]


def answer(view: View, block: FormBlock) -> str:
    """What was filled in; "" for nothing."""
    found = view.state.values.get(block.block_id, {}).get(block.element.action_id, {})
    option = found.get("selected_option")
    chosen = option.get("value") if isinstance(option, Mapping) else None
    said = chosen or found.get("selected_conversation") or found.get("value")
    return said if isinstance(said, str) else ""


def _inputs(view: View) -> list[FormBlock]:
    return [block for block in view.blocks if block.type == "input"]


def _spot(here: Here, thread: str) -> Spot:
    """Where the form was opened; only in the workspace that submits it."""
    spot = spot_of(ThreadId(thread))
    if spot.team != here.team:
        raise PermanentError(f"a form of {spot.team!r} came back from {here.team!r}")
    return spot
