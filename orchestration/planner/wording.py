"""Sentences about a draft: what changed, what is missing, what a value looks like."""

from collections.abc import Iterator

from capabilities.capability import SHARED, Catalogue, Question
from capabilities.values import Json, Value, Values, spelled
from orchestration.draft import Draft, ResolvedStep, missing
from orchestration.planner.places import region_name

SUBMITTED = (
    "that is submitted already, so undoing the draft would change nothing. Say `cancel` to stop "
    "it, `roll back` or `tear it down` once it has ended, or say what to change and submit it again"
)
"""Why a draft that is as it was submitted is not undone."""

LABELS = {"budget_monthly_usd": "monthly budget"}


def label(parameter: str) -> str:
    return LABELS.get(parameter, spelled(parameter))


def shown(parameter: str, value: Json) -> str:
    """A value as people read it: `East US`, `$2,000`, `raw, curated`."""
    match value:
        case str() if parameter == "region":
            return region_name(value)
        case int() | float() if parameter.endswith("_usd"):
            return f"${value:,.0f}"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(shown("", item) for item in value) or "none"
        case dict():
            return ", ".join(f"{key}={shown('', item)}" for key, item in value.items()) or "none"
    return str(value)


def changes(before: Draft, after: Draft, catalogue: Catalogue) -> tuple[str, ...]:
    """Every difference in words, with who said it: `region: East US — said by ana`."""
    return tuple(_changes(before, after, catalogue))


MOST_EFFECTS = 5
"""More than that is for the card."""


def effects(before: Draft, after: Draft, catalogue: Catalogue) -> str:
    """What changed as one short sentence: `Region: East US, workers: 1 to 4.`"""
    found = [entry.partition(" — ")[0] for entry in _changes(before, after, catalogue)]
    found = _ranges(found)
    more = [f"{len(found) - MOST_EFFECTS} more"] if len(found) > MOST_EFFECTS else []
    text = ", ".join([*found[:MOST_EFFECTS], *more])
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _ranges(entries: list[str]) -> list[str]:
    """`min workers: 1`, `max workers: 4` as `workers: 1 to 4`."""
    result: list[str] = []
    for entry in entries:
        thing, _, most = entry.rpartition("max workers: ")
        least = f"{thing}min workers: "
        if most.isdigit() and result and result[-1].startswith(least):
            low = result.pop().removeprefix(least)
            result.append(f"{thing}workers: {low}" + (f" to {most}" if low != most else ""))
        else:
            result.append(entry)
    return result


def _changes(before: Draft, after: Draft, catalogue: Catalogue) -> Iterator[str]:
    old = {step.id: step for step in before.steps}
    new = {step.id: step for step in after.steps}
    for gone in old.keys() - new.keys():
        yield f"removed: {_title(old[gone].capability, gone, catalogue)}"
    yield from _values("", before.shared, after.shared)
    for step in after.steps:
        title = _title(step.capability, step.id, catalogue)
        if step.id not in old:
            yield f"added: {title}"
        prefix = f"{step.id} " if len(after.steps) > 1 else ""
        yield from _values(prefix, old[step.id].said if step.id in old else {}, step.said)


def _values(prefix: str, before: Values, after: Values) -> Iterator[str]:
    for key in dict.fromkeys((*before, *after)):
        value = after.get(key)
        if value is None:
            yield f"{prefix}{label(key)}: taken back"
        elif before.get(key) != value:
            yield f"{prefix}{label(key)}: {shown(key, value.value)} — {value.origin}"


def _title(capability: str, step_id: str, catalogue: Catalogue) -> str:
    title = catalogue[capability].title if capability in catalogue else capability
    return title if step_id == capability else f"{title} ({step_id})"


def next_sentence(steps: tuple[ResolvedStep, ...]) -> str:
    """What is asked next, the most important first; the card holds the other questions."""
    if not steps:
        return "What do you need?"
    problems = [p.message for step in steps for p in step.resolved.problems]
    asked = [_question(found, len(steps)) for found in missing(steps).values()]
    if problems and not asked:
        return f"This cannot be used yet: {problems[0]}"
    if not asked:
        return "The draft is complete: say `looks good` to submit it, or change anything."
    more = f" ({len(asked) - 1} more on the card)" if len(asked) > 1 else ""
    return asked[0] + more


def _question(found: tuple[str, Question], count: int) -> str:
    step_id, question = found
    hints = " / ".join(shown(question.parameter, hint) for hint in question.suggestions[:4])
    where = f" [{step_id}]" if count > 1 and question.parameter not in SHARED else ""
    return f"{question.text}{where}" + (f" ({hints})" if hints else "")


def headline(steps: tuple[ResolvedStep, ...], catalogue: Catalogue) -> str:
    """`Databricks workspace, Storage account for team ml, production, East US.`"""
    first = steps[0].resolved.values
    titles = ", ".join(_title(step.capability, step.id, catalogue) for step in steps)
    team = f" for team {first['team'].value}" if "team" in first else ""
    parts = [shown(key, first[key].value) for key in ("environment", "region") if key in first]
    return ", ".join([titles + team, *parts]) + "."


def origin(value: Value) -> str:
    because = f": {value.reason}" if value.reason else ""
    return f"{value.origin}{because}"
