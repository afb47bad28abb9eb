"""Whether values can be used, by the capability's own validation."""

from collections.abc import Mapping

from capabilities.capability import Catalogue, Problem, resolve
from capabilities.values import Json, Provenance, Value
from orchestration.draft import Draft, DraftStep, with_value
from orchestration.planner.wording import label
from orchestration.planner.worksheet import Worksheet

STAND_INS: Mapping[str, Json] = {"team": "team", "environment": "dev", "region": "eastus"}
"""Fill what nobody has said yet, so that rules over several values can be checked early."""

SENTENCES = {
    "team": "1 to 20 characters of a-z, 0-9 and -, a letter first",
    "environment": "dev, test, staging or production",
}
"""For the parameters whose own message is about a pattern."""


def accepted(
    sheet: Worksheet, step_id: str | None, values: Mapping[str, Json]
) -> tuple[Draft, list[str]]:
    """The draft with the values that can be used, and a sentence for each that cannot.

    When values contradict each other (more workers at least than at most), none is taken.
    """
    draft, refused = sheet.draft, []
    steps = [step for step in draft.steps if step_id in (None, step.id)]
    for parameter, value in values.items():
        found = _unknown(sheet.catalogue, parameter, steps) or _bad(sheet, steps, parameter, value)
        if found:
            refused.append(found)
        else:
            draft = with_value(draft, step_id, parameter, sheet.said(value))
    against = _contradiction(sheet, draft, set(values))
    return (sheet.draft, [*refused, against]) if against else (draft, refused)


def _unknown(catalogue: Catalogue, parameter: str, steps: list[DraftStep]) -> str:
    for step in steps:
        if parameter not in catalogue[step.capability].parameters.model_fields:
            return f"{step.id} has no {parameter!r}"
    return ""


def _bad(sheet: Worksheet, steps: list[DraftStep], parameter: str, value: Json) -> str:
    """The validator's sentence about this one value, whatever the others are."""
    candidates = [sheet.catalogue[step.capability] for step in steps]
    if not candidates:
        candidates = list(sheet.catalogue.capabilities.values())[:1]
    for capability in candidates:
        said = {**_stand_ins(), parameter: sheet.said(value)}
        for problem in resolve(capability, said).problems:
            if problem.parameter == parameter and parameter in SENTENCES:
                return f"{parameter}: {value!r}: {SENTENCES[parameter]}"
            if problem.parameter == parameter:
                return f"{label(parameter)}: {problem.message}"
    return ""


def _contradiction(sheet: Worksheet, draft: Draft, changed: set[str]) -> str:
    old = {message for _, message in _problems(sheet.draft, sheet.catalogue)}
    for problem, message in _problems(draft, sheet.catalogue):
        if message not in old and (problem.parameter in changed or not problem.parameter):
            return message
    return ""


def _problems(draft: Draft, catalogue: Catalogue) -> list[tuple[Problem, str]]:
    return [
        (problem, problem.message)
        for step in draft.steps
        for problem in resolve(
            catalogue[step.capability], {**_stand_ins(), **draft.shared, **step.said}
        ).problems
    ]


def _stand_ins() -> dict[str, Value]:
    return {key: Value(value, Provenance.DEFAULTED) for key, value in STAND_INS.items()}
