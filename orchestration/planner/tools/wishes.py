"""Tools that pass on a wish. The host carries it out under its own checks, after the turn.

A wish needs the person's own words: what a model asks for on its own is offered as a button.
"""

from orchestration.draft import conflicts, unmet
from orchestration.errors import UserError
from orchestration.planner.consent import SAYING, asks_for
from orchestration.planner.desk import Command, Show, Verb
from orchestration.planner.tools.arguments import Nothing, Steps
from orchestration.planner.tools.summary import complete
from orchestration.planner.tools.tool import Result
from orchestration.planner.wording import next_sentence
from orchestration.planner.worksheet import Worksheet

DONE = {
    Verb.SUBMIT: "Submitting: the plan comes next, and nothing is applied before it is signed off.",
    Verb.CANCEL: "Cancelling.",
    Verb.RETRY: "Retrying what failed.",
    Verb.ROLL_BACK: "Planning the roll-back; it needs sign-off like any change.",
    Verb.DESTROY: "Planning the removal; nothing is destroyed before it is signed off.",
    Verb.DISCARD: "The draft is discarded.",
}


async def submit(sheet: Worksheet, _: Nothing) -> Result:
    """Make a plan of the draft, if it is complete."""
    if not sheet.draft.steps:
        raise UserError("there is nothing to submit yet: say what you need")
    if not complete(sheet):
        sheet.show = Show.DRAFT
        lacking = [f"{s}: say `add {c}`." for c, s in unmet(sheet.steps(), sheet.catalogue).items()]
        following = " ".join(lacking) or next_sentence(sheet.steps())
        return {"text": "Not complete yet.", "next": following}
    if clashes := conflicts(sheet.steps()):
        raise UserError(f"{clashes[0]}; name one of them, then submit")
    return _wish(sheet, Verb.SUBMIT, ())


async def cancel(sheet: Worksheet, wanted: Steps) -> Result:
    """Stop the deployment of this thread; without one, discard the draft."""
    if sheet.turn.has_deployment:
        return _wish(sheet, Verb.CANCEL, tuple(wanted.steps))
    if sheet.draft.steps and not sheet.turn.submitted:
        return _wish(sheet, Verb.DISCARD, ())
    raise UserError("there is nothing to cancel in this thread")


async def retry(sheet: Worksheet, wanted: Steps) -> Result:
    """Run the failed steps again."""
    return _wish(sheet, Verb.RETRY, tuple(wanted.steps))


async def roll_back(sheet: Worksheet, wanted: Steps) -> Result:
    """Plan the way back to what was there before."""
    return _wish(sheet, Verb.ROLL_BACK, tuple(wanted.steps))


async def destroy(sheet: Worksheet, wanted: Steps) -> Result:
    """Plan the removal of what this thread deployed."""
    return _wish(sheet, Verb.DESTROY, tuple(wanted.steps))


async def discard(sheet: Worksheet, _: Nothing) -> Result:
    """Throw the draft away."""
    if not sheet.draft.steps and not sheet.draft.shared:
        raise UserError("there is no draft to discard")
    return _wish(sheet, Verb.DISCARD, ())


def _wish(sheet: Worksheet, verb: Verb, steps: tuple[str, ...]) -> Result:
    sheet.may_change()
    if sheet.command is not None and sheet.command.verb is not verb:
        raise UserError("one thing at a time: say the second after the first")
    if not asks_for(sheet.turn.text, verb):
        sheet.offer((SAYING[verb],))
        return {"text": f"Shall I? Say `{SAYING[verb]}`.", "offered": verb.value}
    sheet.command = Command(verb, steps)
    sheet.show = Show.NOTHING
    return {"text": DONE[verb]}
