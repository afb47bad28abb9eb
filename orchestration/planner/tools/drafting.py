"""Tools that change the draft: the only thing a turn can change."""

from typing import Any

from capabilities.capability import SHARED
from capabilities.values import Json
from orchestration.draft import Draft, with_step, with_value, without_step
from orchestration.errors import UserError
from orchestration.planner.desk import PastDeployment, Show
from orchestration.planner.places import region_id
from orchestration.planner.tools.arguments import Addition, Copy, Setting, Undo, Update
from orchestration.planner.tools.checks import accepted
from orchestration.planner.tools.copying import copied, has_copies, set_apart
from orchestration.planner.tools.summary import summary
from orchestration.planner.tools.tool import Result
from orchestration.planner.wording import SUBMITTED
from orchestration.planner.worksheet import Worksheet

MOST_STEPS = 20


async def update_draft(sheet: Worksheet, update: Update) -> Result:
    """Remove, add, take back and set, in that order; what cannot be used is said, the rest kept."""
    sheet.may_change()
    before = sheet.draft
    refused: list[str] = []
    for step_id in update.remove:
        sheet.draft = without_step(sheet.draft, step_id)
    for addition in update.add:
        refused += _add(sheet, addition)
    for taking in update.unset:
        step = _step_for(sheet.draft, taking.parameter, taking.step)
        sheet.draft = with_value(sheet.draft, step, taking.parameter, None)
    refused += _set_all(sheet, update.set_values)
    await _set_apart(sheet, before)
    sheet.show = Show.DRAFT
    return await summary(sheet, before, refused)


def _add(sheet: Worksheet, addition: Addition) -> list[str]:
    if len(sheet.draft.steps) >= MOST_STEPS:
        raise UserError(f"a request has {MOST_STEPS} steps at most; submit this one first")
    sheet.draft = with_step(sheet.draft, addition.capability)
    step = sheet.draft.steps[-1].id
    settings = [Setting(parameter=k, value=v, step=step) for k, v in addition.values.items()]
    return _set_all(sheet, settings)


def _set_all(sheet: Worksheet, settings: list[Setting]) -> list[str]:
    """Set values that belong together (a step's) at once, so that they are checked together."""
    groups: dict[str | None, dict[str, Json]] = {}
    refused: list[str] = []
    for setting in settings:
        try:
            step = _step_for(sheet.draft, setting.parameter, setting.step)
        except UserError as error:
            refused.append(str(error))
            continue
        groups.setdefault(step, {})[setting.parameter] = _normal(setting.parameter, setting.value)
    for step, values in groups.items():
        sheet.draft, problems = accepted(sheet, step, values)
        refused += problems
    return refused


def _normal(parameter: str, value: Any) -> Any:
    if parameter == "region" and isinstance(value, str):
        return region_id(value) or value
    return value


def _step_for(draft: Draft, parameter: str, step: str | None) -> str | None:
    if parameter in SHARED:
        return None
    if step is not None:
        return draft.step(step).id
    if len(draft.steps) == 1:
        return draft.steps[0].id
    known = ", ".join(s.id for s in draft.steps) or "none yet"
    raise UserError(f"which step is {parameter!r} for? The steps are: {known}")


async def undo(sheet: Worksheet, wanted: Undo) -> Result:
    """Take back the last changes of this thread's draft, unless they are submitted."""
    sheet.may_change()
    if sheet.turn.submitted:
        raise UserError(SUBMITTED)
    before = sheet.draft
    turns = min(wanted.turns, len(sheet.turn.earlier) - sheet.undone)
    if turns <= 0:
        raise UserError("there is nothing to take back")
    sheet.undone += turns
    sheet.draft = sheet.turn.earlier[-sheet.undone]
    sheet.show = Show.DRAFT
    result = await summary(sheet, before, [])
    return {**result, "text": "Taken back."}


async def copy_from(sheet: Worksheet, wanted: Copy) -> Result:
    """Start the draft from an earlier deployment that fits the words best, or the newest.

    It is something new: names are never copied, and lead to no workspace that exists.
    """
    sheet.may_change()
    past = await sheet.desk.past()
    if not past:
        raise UserError("there is no earlier deployment to copy")
    best = _best(past, wanted.words)
    before = sheet.draft
    sheet.draft = copied(best, sheet.catalogue)
    instead = wanted.model_dump(exclude={"words"}, exclude_none=True)
    refused = _set_all(sheet, [Setting(parameter=k, value=v) for k, v in instead.items()])
    await _set_apart(sheet)
    sheet.show = Show.DRAFT
    result = await summary(sheet, before, refused)
    text = f"Copied from {best.title} ({best.id}, asked by {best.asked_by}, {best.at:%Y-%m-%d})."
    return {**result, "text": f"{text} {result['text']}"}


async def _set_apart(sheet: Worksheet, before: Draft | None = None) -> None:
    """Keep copied steps out of the workspaces that exist, also when they move."""
    if has_copies(sheet.draft):
        occupied = await sheet.desk.occupied()
        sheet.draft = set_apart(sheet.draft, occupied, sheet.catalogue, before)


def _best(past: tuple[PastDeployment, ...], words: str) -> PastDeployment:
    """Raises: UserError - words were given, and no deployment has any of them."""
    wanted = set(words.lower().split())
    if not wanted:
        return past[0]
    scores = [len(wanted & _words_of(deployment)) for deployment in past]
    if max(scores) == 0:
        titles = "; ".join(deployment.title for deployment in past[:3])
        raise UserError(f"no earlier deployment fits {words!r}; the latest are: {titles}")
    return past[scores.index(max(scores))]


def _words_of(past: PastDeployment) -> set[str]:
    values = (str(value.value) for value in past.draft.shared.values())
    parts = (past.title, past.asked_by, past.id, *values, *(s.capability for s in past.draft.steps))
    return {word for part in parts for word in part.lower().replace("_", " ").split()}
